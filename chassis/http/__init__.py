"""HTTP processes: the app, its server and connections, and the middleware of every request."""
