"""Pages that need no sign-in: what a customer sees through a signed link."""
