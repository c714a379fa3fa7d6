"""How fast and how good routing is, on worlds made from fixed seeds."""
