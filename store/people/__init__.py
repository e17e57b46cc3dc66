"""People: what others see of a user, as the store needs it to name them."""
