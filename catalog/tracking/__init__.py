"""What the stores' pages and feeds said, on its way into the catalog."""
