"""Figures over many orders, for whoever runs the shop."""
