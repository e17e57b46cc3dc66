"""Limits on how often something may be tried, counted in PostgreSQL for all instances."""
