"""Forms that were begun: what was typed is kept until it is sent."""
