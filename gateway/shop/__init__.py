"""What the schema says of a shop: its types, its queries, and the statements behind them."""
