"""Many processes fight over the same units, and some are killed meanwhile."""
