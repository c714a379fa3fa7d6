"""Picked units into boxes with an SSCC, and out again."""
