"""Reviews: how an order went, what its seller says to that, and what the reviews of a seller add up to."""
