"""Commands that inspect the running system and change nothing."""
