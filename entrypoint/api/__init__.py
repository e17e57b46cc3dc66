"""The public API: what is passed on to the other services, and its one document."""
