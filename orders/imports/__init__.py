"""Orders taken over from other systems."""
