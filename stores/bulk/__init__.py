"""Movements as JSON lines: what tills have collected, a delivery, the history of another system."""
