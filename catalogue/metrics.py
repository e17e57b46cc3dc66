"""What the catalogue counts."""

from typing import Literal

from prometheus_client import Counter

SearchOutcome = Literal["found", "loosened", "nothing"]

searches = Counter("souk_searches_total", "Searches by words alone, by what they led to", ["outcome"])
for _outcome in ("found", "loosened", "nothing"):
    searches.labels(_outcome)  # from zero, so that the first one is seen as an increase
"""`loosened`: hardly anything has the words, so what comes close is shown too. Further pages, searches with filters (which may
be why nothing is found) and questions for a single listing (by which pages count) are no searches of their own."""
