"""Sessions: who is logged in with which browser."""
