"""Files of orders taken in by hand, beside the command line."""
