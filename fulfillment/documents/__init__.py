"""Paper that goes with goods: labels and packing slips as pure functions of facts. Reads no data."""
