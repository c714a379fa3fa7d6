"""Goods coming back: lists to work through, and the desk where a parcel is opened and judged."""
