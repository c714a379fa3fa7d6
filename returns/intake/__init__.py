"""Returns that arrive finished: a channel's report, or a counter that does all steps at once."""
