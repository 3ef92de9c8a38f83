"""The command line `oms`: fills the system, follows an order through it, and shows how it is."""
