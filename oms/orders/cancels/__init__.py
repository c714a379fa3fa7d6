"""Cancels: units taken back before a node works on them, and wanted again."""
