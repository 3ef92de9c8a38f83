"""Types of request bodies that every service has: text, times, decimals, postal addresses."""
