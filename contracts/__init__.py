"""Every topic and message of the system, in one place. Pure: no driver, no framework, no clock."""
