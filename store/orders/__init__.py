"""Orders: the part of a purchase that one seller fulfils."""
