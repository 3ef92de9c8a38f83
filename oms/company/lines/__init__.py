"""The lines of a company's files: their members, and the request bodies made from them."""
