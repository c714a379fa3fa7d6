"""Goods coming back: request, reception, inspection, and what then happens to units and money."""
