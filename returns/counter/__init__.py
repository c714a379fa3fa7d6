"""Goods handed in and judged at once: the whole way of a return in one step."""
