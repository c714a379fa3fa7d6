"""Stock: what is where, what can be promised of it, and why."""
