"""Which threads of messages somebody has not read, as the store tells it: the count in every page's frame."""
