"""The store: carts, purchases (the saga) and orders."""
