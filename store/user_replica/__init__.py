"""The copy of the users: what others see of them, as the store needs it to name them."""
