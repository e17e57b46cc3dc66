"""What was used lately, in memory: a cache with a limit (LRU)."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers so many values; one too many, and what was not used for the longest time is forgotten."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value, which counts as used."""
        value = self._values.pop(key, None)
        if value is not None:
            self._values[key] = value  # a dict keeps the order in which keys came
        return value

    def put(self, key: K, value: V) -> None:
        """Remember a value."""
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._most:
            del self._values[next(iter(self._values))]

    def forget(self, key: K) -> None:
        """Forget a value, if it is there."""
        self._values.pop(key, None)
