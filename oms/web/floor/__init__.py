"""Screens of the floor: picking with a scanner in one hand, the packing bench, handing over."""
