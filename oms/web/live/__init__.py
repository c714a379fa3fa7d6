"""News for pages that are looked at: which things changed, as ids only."""
