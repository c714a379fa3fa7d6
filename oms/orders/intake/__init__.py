"""Intake: what a channel tells becomes an order, once."""
