"""Returns of units of orders and their refunds: the type, its lines, and their lists with filters."""
