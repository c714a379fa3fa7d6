"""Where units of orders are: what packages above ask about many orders at once."""
