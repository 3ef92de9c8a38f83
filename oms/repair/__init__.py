"""Commands that repair or change the running system."""
