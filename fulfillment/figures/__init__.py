"""Figures over what left the floor."""
