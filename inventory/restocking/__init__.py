"""What suppliers send to stores: when units are requested, how far a request is, and what a store made of it."""
