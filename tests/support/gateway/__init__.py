"""The gateway in tests: operations, bad values, both paths, plans."""
