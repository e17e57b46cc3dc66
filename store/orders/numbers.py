"""Short names of orders for people: `S-7K3M9Q`."""

from collections import deque

from sqlalchemy import Integer, bindparam, func, select

from souk.database import Session, Statement
from store.orders.tables import NUMBERS

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0, 1, I, L, O and U, which are misread or spell words."""

LENGTH_MIN = 6
FACTOR = 481_234_567
"""Has no prime in common with 30, so that multiplying by it shuffles the numbers and never lets two be the same."""

BLOCK = 100
"""Numbers that an instance takes from the sequence at once."""

_COUNTS: Statement[int] = Statement(
    select(NUMBERS.next_value()).select_from(func.generate_series(1, bindparam("how_many", type_=Integer())))
)


def number_of(count: int) -> str:
    """The name of the count-th order: unique, not in sequence, one letter longer once all of a length are used."""
    length = LENGTH_MIN
    while count >= len(ALPHABET) ** length:
        length += 1
    rest = count * FACTOR % len(ALPHABET) ** length
    letters = ""
    for _ in range(length):
        rest, index = divmod(rest, len(ALPHABET))
        letters = ALPHABET[index] + letters
    return f"S-{letters}"


class Numbers:
    """Names for new orders. Many are taken from the sequence at once; what is not used is lost with this instance, and
    nobody misses it."""

    def __init__(self) -> None:
        self._counts: deque[int] = deque()

    async def take(self, session: Session, how_many: int) -> list[str]:
        """So many new names."""
        if len(self._counts) < how_many:
            self._counts += await _COUNTS.scalars(session, how_many=max(how_many, BLOCK))
        return [number_of(self._counts.popleft()) for _ in range(how_many)]
