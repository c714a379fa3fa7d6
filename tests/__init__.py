"""Tests: see docs/architecture.md for which folder holds what."""
