"""Invoices: one a shipment from the stored shares of its units, charges with an order's first."""
