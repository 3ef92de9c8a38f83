"""`oms import` and `oms export`: a company's files, and the REST services that they come from and go to."""
