"""The server of an HTTP process: connections, protocols, timeouts, and several processes of one service."""
