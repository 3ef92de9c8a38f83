"""Which stores give which units: the rules, and what they know."""
