"""Connectors to carriers: rates, labels, tracking."""
