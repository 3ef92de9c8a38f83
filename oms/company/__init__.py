"""`oms import` and `oms export`: a company's files, to and from the REST services."""
