"""Change-sets: the same order told with other words, proposed, applied or declined."""
