"""Files of products and offers, into the catalog and out of it: read, planned against what is there, applied in one go, undone."""
