"""Shipments that never left: their invoices are reversed, and written anew when the goods leave."""
