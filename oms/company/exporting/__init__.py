"""`oms export`: what the services have, into a company's files."""
