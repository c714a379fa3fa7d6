"""Where units are, how many may be promised, and what they cost us. Knows no orders.

`reservations/` holds timed claims on units before there is an order.
"""
