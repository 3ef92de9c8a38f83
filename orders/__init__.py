"""Places and manages orders in MySQL, with its own replica of customers, addresses and products."""
