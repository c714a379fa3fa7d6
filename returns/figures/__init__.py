"""Figures over what comes back."""
