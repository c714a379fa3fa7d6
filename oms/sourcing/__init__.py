"""Which node serves which units: facts under lock, the solver's answer, and the decision kept."""
