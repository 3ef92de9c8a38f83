"""The answers to reservations: the rules, the transaction, and the reader of the topic."""
