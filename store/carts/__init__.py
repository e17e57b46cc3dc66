"""Carts: what buyers mean to buy."""
