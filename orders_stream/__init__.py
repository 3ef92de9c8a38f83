"""Joins customers, addresses, products, orders and their lines into the Postgres read model; its only writer."""
