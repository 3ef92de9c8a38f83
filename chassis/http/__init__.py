"""HTTP processes: the app, its connections, and what happens around every request."""
