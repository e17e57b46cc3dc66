"""What people are told when something is refused: a sentence for each code, a table for each service."""
