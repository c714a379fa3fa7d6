"""Returns in lists, and one with all that happened to its goods."""
