"""A text that is searched: its words, codes and synonyms, its corrections, and the query for it."""
