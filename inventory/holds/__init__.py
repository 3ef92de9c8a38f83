"""Reservations for carts: units that are held until they are ordered, released, or expire."""
