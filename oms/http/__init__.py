"""The API under /api/v1: thin controllers over services and queries, and what all of them share."""
