"""Unit tests of pages."""
