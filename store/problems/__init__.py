"""Problems of orders: what a buyer says is wrong, how the two settle it, and what moderators decide if they cannot."""
