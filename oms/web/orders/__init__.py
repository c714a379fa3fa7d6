"""The order desk: lists to work through, and one order with everything about it."""
