"""Stores: their answers, their tills, and a thousand of them."""
