"""The ledger: accounts, transfers and entries, and the one way to post them."""
