"""Which orders belong together on somebody's desk, and what each of them waits for."""
