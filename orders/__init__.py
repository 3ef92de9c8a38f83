"""Orders: takes them, keeps them in MySQL, and knows its customers, addresses and products from its own replica."""
