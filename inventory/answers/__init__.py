"""What stores say: the units on their shelves, their answers to reservations, and their signs of life."""
