"""Makes connectors work: reads and pulls, remembers how far it came, keeps what it cannot read."""
