"""Commands that change an order: its status, its lines, its delivery addresses."""
