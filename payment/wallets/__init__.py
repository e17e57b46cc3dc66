"""Wallets: what users have, add and are issued."""
