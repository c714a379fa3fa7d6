"""Settings and policy as data; imports nothing of ours."""
