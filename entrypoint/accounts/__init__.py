"""Accounts: who people are, their passwords and their roles."""
