"""What the services share. No domain code."""
