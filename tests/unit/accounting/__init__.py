"""Decisions of accounting."""
