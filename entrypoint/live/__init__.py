"""Live updates: server-sent events for whoever is logged in."""
