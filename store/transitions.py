"""The one form of a table of transitions: who may bring what from which state to which, by when, and what silence does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from souk.contracts.base import Event
from store.settings import StoreSettings

StateT = TypeVar("StateT", bound=str)
ActorT = TypeVar("ActorT", bound=str)
ActionT = TypeVar("ActionT", bound=str)


@dataclass(frozen=True)
class Transition(Generic[StateT, ActorT, ActionT]):
    """What is in state `before` may become `after` if one of `by` makes it so."""

    before: StateT
    after: StateT
    by: frozenset[ActorT]
    action: ActionT | None = None
    """What people call it, if it is theirs to do."""
    within: str | None = None
    """The setting that says after how long it happens by itself: what silence does."""
    only: frozenset[str] = frozenset()
    """Holds for things of these kinds; empty: for all."""
    tells: type[Event] | None = None
    """What others hear of it."""

    @property
    def actor(self) -> ActorT:
        """Who makes it, where there is only one."""
        [only] = self.by
        return only


class Table(Generic[StateT, ActorT, ActionT]):
    """All transitions of one kind of thing. What it has no row for is not possible."""

    def __init__(self, *transitions: Transition[StateT, ActorT, ActionT]) -> None:
        self.transitions = transitions

    def __iter__(self) -> Iterator[Transition[StateT, ActorT, ActionT]]:
        return iter(self.transitions)

    def sources(self, after: StateT, by: ActorT) -> frozenset[StateT]:
        """The states from which this actor may bring something to `after`."""
        return frozenset(t.before for t in self.transitions if t.after == after and by in t.by)

    def possible(self, state: StateT, *actors: ActorT) -> dict[ActionT, Transition[StateT, ActorT, ActionT]]:
        """What somebody who is all of these actors may do now, and what follows from it."""
        return {t.action: t for t in self.transitions if t.before == state and t.action and t.by & set(actors)}

    def default(self, state: StateT, kind: str = "") -> Transition[StateT, ActorT, ActionT] | None:
        """What happens to something of this kind in this state if nobody acts."""
        waits = (t for t in self.transitions if t.before == state and t.within)
        return next((t for t in waits if not t.only or kind in t.only), None)

    def deadline(self, state: StateT, since: datetime, settings: StoreSettings, kind: str = "") -> datetime | None:
        """When something that reached this state at `since` moves by itself."""
        waits = self.default(state, kind)
        if waits is None or waits.within is None:
            return None
        limit: timedelta = getattr(settings, waits.within)
        return since + limit
