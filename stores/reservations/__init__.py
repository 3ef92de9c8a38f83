"""The answers to reservations: the rules, and the transaction."""
