"""API tokens: programs that act for a user."""
