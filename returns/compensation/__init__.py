"""Compensation without goods coming back: what was lost, or may stay with the customer."""
