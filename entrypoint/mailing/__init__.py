"""Notices by email: who wants which, what waits, and sending it."""
