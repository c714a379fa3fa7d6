"""Paper that goes with goods: labels and slips as pure functions of facts. Looks nothing up."""
