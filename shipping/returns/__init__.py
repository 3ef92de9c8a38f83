"""Returns of units of an order and their refunds: events, the state these lead to, the commands, and their routes."""
