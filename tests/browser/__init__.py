"""The pages, used in a real browser the way people use them."""
