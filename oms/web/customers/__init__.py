"""The people behind orders: found by whatever is known of them, and everything about one."""
