"""Reservations of carts, by hand and at the gate."""
