"""What an operator changes while it runs."""
