"""Receipts, adjustments and stock reports: the documents that change how much there is."""
