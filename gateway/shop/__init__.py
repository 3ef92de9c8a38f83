"""The types, queries and statements of the shop."""
