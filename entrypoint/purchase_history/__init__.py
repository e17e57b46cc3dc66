"""The story of a purchase, put together from what every service knows of it."""
