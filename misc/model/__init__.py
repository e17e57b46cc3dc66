"""A model of an order and its problem, made from the tables of transitions, for Spin to walk through all of it."""
