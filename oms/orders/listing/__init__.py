"""Orders in lists: found by what a person knows of them, newest first, page by page."""
