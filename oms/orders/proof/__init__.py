"""Proof that orders agree with themselves, with their slices and with the goods ledger."""
