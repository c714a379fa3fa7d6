"""Quarantine: payloads that cannot be orders, kept whole with the reason until a person decides."""
