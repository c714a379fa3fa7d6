"""What the units on our books cost: moving average per item, in the one currency of the books."""
