"""The product search, as the REST service of the catalogue and the gateway share it."""
