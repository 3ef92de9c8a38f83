"""Commands that look at the running system and change nothing."""
