"""Orders and returns from CSV or JSON-lines files, gzipped or not, columns mapped by a small TOML.

Talks to nobody: any platform, till or old system that can write a table is a channel by this.
The mapping is explained in `docs/import.md` and in `config/channels/example_orders.toml`.
"""
