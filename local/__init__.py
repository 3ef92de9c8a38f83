"""The embedded stack: every server and every process of ours on one machine, without containers."""
