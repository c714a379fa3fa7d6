"""Payments against a gateway that misbehaves on command."""
