"""Devices: browsers that an account was logged in with before."""
