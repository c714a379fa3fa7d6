"""Today: how the shop does, what needs a person, and where orders go."""
