"""Returns as channels report them: matched with what was sold, the rest taken in blind."""
