"""Subscribers and topics in memory, and every order of concurrent events."""
