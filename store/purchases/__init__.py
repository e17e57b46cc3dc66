"""Purchases: one checkout of a cart, paid or refused as a whole."""
