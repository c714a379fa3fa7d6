"""Customers and the identities (e-mail, phone, channel id) by which they are known."""
