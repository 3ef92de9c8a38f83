"""The product search that the products service and the gateway share."""
