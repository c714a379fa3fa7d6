"""Units off the shelf: picked by list or by scan, put back, or not found."""
