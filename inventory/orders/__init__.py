"""The stock of orders: which units an order gets, from the moment it is placed until it is shipped or cancelled."""
