"""Goods counted in at the dock, whatever was announced."""
