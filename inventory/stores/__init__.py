"""The stores as central knows them."""
