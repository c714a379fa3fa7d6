"""What can be sold and shipped, and what each channel calls it. Knows no stock and no orders."""
