"""Commands that repair the running system, or change its shape."""
