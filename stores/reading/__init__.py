"""Reads the topics of one store: its own partition of each, with positions in its own database."""
