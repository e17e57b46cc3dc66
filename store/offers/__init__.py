"""Offers: a buyer's price for a listing, to accept, counter or decline."""
