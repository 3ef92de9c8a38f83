"""All topics and messages of the system. Pure: no driver, no framework, no clock."""
