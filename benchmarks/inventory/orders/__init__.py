"""The decisions about orders' stock, and orders until they are confirmed."""
