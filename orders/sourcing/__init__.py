"""What inventory decided about the stock of orders, and the status that follows from it."""
