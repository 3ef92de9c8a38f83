"""Verifies that stock, reservations and the answers of stores agree, and repairs what is derived."""
