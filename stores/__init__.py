"""A store's own process: its stock, its ledger of movements, and its answers to reservations."""
