"""Notifications: what users are told happened to their orders."""
