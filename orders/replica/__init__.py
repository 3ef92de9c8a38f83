"""The copies of customers, addresses and products, and what an order refers to in them."""
