"""Mapping: lines that came with an unknown listing learn which item they sell."""
