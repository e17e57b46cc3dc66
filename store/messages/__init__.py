"""Messages: what two people write to each other about a listing, and about the orders that come of it."""
