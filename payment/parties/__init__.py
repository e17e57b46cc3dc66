"""Parties: what documents call the users, as the entrypoint tells it."""
