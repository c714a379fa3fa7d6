"""Holds: typed stops at one stage of an order, placed and released."""
