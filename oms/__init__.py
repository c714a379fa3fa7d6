"""Omnichannel order management: one order book, one truth about stock, books that prove it."""

__version__ = "0.1.0"
