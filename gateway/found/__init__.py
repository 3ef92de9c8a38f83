"""The fast path of lists of products: the page of a search, written as JSON without the executor."""
