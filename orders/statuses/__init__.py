"""The statuses of an order: the life cycle, moves, history, and waiting for a move."""
