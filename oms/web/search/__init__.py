"""One field for everything: orders, customers, items, and where to go."""
