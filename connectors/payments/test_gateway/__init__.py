"""A pretend payment gateway for the demo, for trying a set-up and for tests; no money moves.

It keeps its word about idempotency keys as real gateways do, and misbehaves when told to.
"""
