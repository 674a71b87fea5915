"""A month of checkouts with everything that goes wrong, against the portal's own code on a throwaway database; then an independent check."""
