"""Files of orders and returns, taken in batch by batch with the place to go on from."""
