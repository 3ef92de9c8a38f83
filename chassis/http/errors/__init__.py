"""Problems (RFC 9457): what is raised, its types and texts, and the responses made of it."""
