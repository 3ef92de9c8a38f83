"""Shipments: the type, what it is made of, their lists with filters, and what they make of an order."""
