"""Channels: whether orders come in, and what could not be understood of them."""
