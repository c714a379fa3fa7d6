"""Giving money back: split over what was captured, retried, or paid by hand."""
