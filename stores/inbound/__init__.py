"""Units that arrive from suppliers and customers: the rules, and the transaction that books them."""
