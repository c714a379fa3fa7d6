"""Who may do what: callers, their roles, keys for programs, accounts for people, signed links."""
