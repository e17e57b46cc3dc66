"""The table of problems, row by row, and how an amount is spread over an order's lines."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest

from souk.contracts.store.events import OrderLine
from souk.contracts.store.problem_events import ProblemEnded, ProblemKind
from souk.contracts.store.problems import ProblemAction, ProblemStatus
from souk.ids import new_id
from souk.money import Money
from store.orders.shares import Left, part_of
from store.problems.rules import ROUNDS_MAX, NoMoreProposals, ProblemMovedOn, ProblemNotNow, check_step
from store.problems.tables import ProblemRow
from store.problems.transitions import OPEN, TRANSITIONS, Actor
from store.settings import StoreSettings

STATUSES: tuple[ProblemStatus, ...] = get_args(ProblemStatus)
ACTIONS: tuple[ProblemAction, ...] = get_args(ProblemAction)
ACTORS: tuple[Actor, ...] = get_args(Actor)
KINDS: tuple[ProblemKind, ...] = get_args(ProblemKind)

LEGAL: dict[tuple[ProblemStatus, ProblemAction, Actor], ProblemStatus] = {
    ("opened", "propose", "buyer"): "proposed",
    ("opened", "propose", "seller"): "proposed",
    ("opened", "decline", "seller"): "escalated",
    ("opened", "withdraw", "buyer"): "withdrawn",
    ("proposed", "accept", "answerer"): "ended",
    ("proposed", "counter", "answerer"): "proposed",
    ("proposed", "decline", "answerer"): "escalated",
    ("proposed", "withdraw", "buyer"): "withdrawn",
    ("escalated", "decide", "moderator"): "decided",
    ("escalated", "withdraw", "buyer"): "withdrawn",
    ("decided", "appeal", "buyer"): "appealed",
    ("decided", "appeal", "seller"): "appealed",
    ("appealed", "decide", "another_moderator"): "ended",
}
SILENCE: dict[tuple[ProblemStatus, bool], ProblemStatus] = {
    ("opened", True): "ended",
    ("opened", False): "escalated",
    **{
        (status, arrived): "ended"
        for status in ("proposed", "escalated", "decided", "appealed")
        for arrived in (True, False)
    },
}
"""By whether it never arrived."""


def problem(status: ProblemStatus, rounds: int = 1) -> ProblemRow:
    return ProblemRow(id=new_id(), status=status, version=3, rounds=rounds, turn="seller", kind="broken")


@pytest.mark.parametrize(("status", "action", "actor"), itertools.product(STATUSES, ACTIONS, ACTORS))
def test_who_may_do_what_in_which_state(status: ProblemStatus, action: ProblemAction, actor: Actor) -> None:
    after = LEGAL.get((status, action, actor))
    if after is not None:
        assert check_step(problem(status), (actor,), 3, action).after == after
        with pytest.raises(ProblemMovedOn):
            check_step(problem(status), (actor,), 2, action)
        return
    with pytest.raises(ProblemNotNow) as refused:
        check_step(problem(status), (actor,), 3, action)
    assert refused.value.fields["allowed"] == [a for s, a, by in LEGAL if (s, by) == (status, actor)]
    assert refused.value.fields["problem_status"] == status


@pytest.mark.parametrize(("status", "kind"), itertools.product(STATUSES, KINDS))
def test_what_silence_does_in_each_state_that_waits(status: ProblemStatus, kind: ProblemKind) -> None:
    waits, now, settings = TRANSITIONS.default(status, kind), datetime(2030, 1, 1, tzinfo=UTC), StoreSettings()
    assert (waits.after if waits else None) == SILENCE.get((status, kind == "not_arrived"))
    deadline = TRANSITIONS.deadline(status, now, settings, kind)
    days = {"opened": 3, "proposed": 3, "escalated": 14, "decided": 7, "appealed": 14}.get(status)
    assert deadline == (now + timedelta(days=days) if days else None)
    assert (status in OPEN) == (waits is not None)


def test_every_way_leads_to_an_end_and_tells_something() -> None:
    reached: set[ProblemStatus] = {"opened"}
    for _ in STATUSES:
        reached |= {t.after for t in TRANSITIONS if t.before in reached}
    assert reached == set(STATUSES)
    assert all(transition.tells for transition in TRANSITIONS)
    assert all((t.tells is ProblemEnded) == (t.after in ("ended", "withdrawn")) for t in TRANSITIONS)
    assert not any(t.before in ("ended", "withdrawn") for t in TRANSITIONS)


def test_after_so_many_proposals_a_side_accepts_or_asks_for_a_moderator() -> None:
    with pytest.raises(NoMoreProposals):
        check_step(problem("proposed", ROUNDS_MAX), ("answerer",), 3, "counter")
    assert check_step(problem("proposed", ROUNDS_MAX), ("answerer",), 3, "accept").after == "ended"


def line(total: int, quantity: int = 1) -> OrderLine:
    price = Money(total // quantity, "EUR")
    return OrderLine(
        id=new_id(),
        listing_id=new_id(),
        title="Lamp",
        condition="good",
        picture=None,
        quantity=quantity,
        unit_price=price,
        total=Money(total, "EUR"),
    )


@pytest.mark.parametrize("totals", [(1,), (1, 1, 1), (1500, 500), (1, 999, 3), (33, 33, 34)])
def test_an_amount_is_spread_over_the_lines_to_the_cent(totals: tuple[int, ...]) -> None:
    lines = [line(total) for total in totals]
    left: dict[UUID, Left] = {one.id: Left(1, one.total.amount) for one in lines}
    whole = sum(totals)
    for amount in range(1, whole + 1):
        parts = part_of(amount, lines, left)
        assert sum(part.amount.amount for part in parts) == amount
        for part in parts:
            assert 0 < part.amount.amount <= left[part.line_id].amount
            assert part.quantity == (1 if part.amount.amount == left[part.line_id].amount else 0)
    assert part_of(0, lines, left) == []
    assert [part.amount.amount for part in part_of(whole, lines, left)] == list(totals)
