"""Servers and processes for tests: started, frozen, killed, emptied."""
