"""From allocated units to fulfilment orders: what nodes are asked to serve, and when."""
