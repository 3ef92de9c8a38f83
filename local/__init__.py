"""The embedded stack: every server and process of the system on one machine, without containers."""
