"""Paths, methods and query parameters, and the dispatch of commands at fixed paths."""
