"""Starts the servers that tests need, on free loopback ports, and stops them."""
