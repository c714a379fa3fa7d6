"""A pure solver: a question about an order and its nodes in, a plan with its reasons out."""
