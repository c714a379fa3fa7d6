"""Returns by what is to be done with them: for whoever works through them."""
