"""The commands on returns: each a function of a state and its arguments that returns events, or raises. Pure."""
