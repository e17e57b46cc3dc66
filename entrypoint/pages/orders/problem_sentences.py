"""What is wrong with an order and where that stands, in words for each of its sides."""

from typing import Any

from entrypoint.web.marking import N_
from entrypoint.web.reader import Reader
from souk.contracts.store.events import Side
from souk.contracts.store.problem_events import ProblemGround, ProblemKind
from souk.contracts.store.problems import OrderProblem, ProblemActor, ProblemStatus, ProblemStep

KINDS: dict[ProblemKind, str] = {
    "not_arrived": N_("It did not arrive"),
    "not_as_described": N_("It is not what was described"),
    "broken": N_("It is broken"),
    "wrong_item": N_("It is something else"),
    "part_missing": N_("A part of it is missing"),
}

GROUNDS: dict[ProblemGround, str] = {
    "not_delivered": N_("It did not arrive, as far as can be seen"),
    "not_as_described": N_("It differs from what was described"),
    "damaged": N_("It arrived damaged"),
    "incomplete": N_("It arrived incomplete, or as something else"),
    "shared": N_("Both sides have a part in it"),
    "unfounded": N_("Nothing wrong could be seen"),
}

STATES: dict[ProblemStatus, str] = {
    "opened": N_("Waits for the seller"),
    "proposed": N_("An end is proposed"),
    "escalated": N_("A moderator decides"),
    "decided": N_("Decided"),
    "appealed": N_("Another moderator decides"),
    "ended": N_("Settled"),
    "withdrawn": N_("Withdrawn"),
}

STEPS: dict[tuple[ProblemStatus, ProblemActor], str] = {
    ("opened", "buyer"): N_("{buyer} said that something is wrong"),
    ("proposed", "buyer"): N_("{buyer} proposed that {amount} go back"),
    ("proposed", "seller"): N_("{seller} proposed that {amount} go back"),
    ("escalated", "buyer"): N_("{buyer} asked for a moderator"),
    ("escalated", "seller"): N_("{seller} asked for a moderator"),
    ("escalated", "deadline"): N_("{seller} said nothing in time, so a moderator decides"),
    ("decided", "moderator"): N_("A moderator decided that {amount} go back"),
    ("appealed", "buyer"): N_("{buyer} appealed"),
    ("appealed", "seller"): N_("{seller} appealed"),
    ("ended", "buyer"): N_("{buyer} agreed: {amount} went back"),
    ("ended", "seller"): N_("{seller} agreed: {amount} went back"),
    ("ended", "moderator"): N_("Another moderator decided: {amount} went back"),
    ("ended", "deadline"): N_("Nobody said anything else in time: {amount} went back"),
    ("withdrawn", "buyer"): N_("{buyer} took it back"),
}

SILENCE: dict[tuple[ProblemStatus, bool], str] = {
    ("opened", True): N_("If you say nothing until {when}, {amount} go back to {buyer}."),
    ("opened", False): N_("If {seller} says nothing until {when}, {amount} go back to {buyer}."),
    ("proposed", True): N_("If you say nothing until {when}, that counts as agreed: {amount} go back to {buyer}."),
    ("proposed", False): N_(
        "If {other} says nothing until {when}, that counts as agreed: {amount} go back to {buyer}."
    ),
    ("escalated", False): N_("If no moderator decides until {when}, {amount} go back to {buyer}."),
    ("decided", False): N_("If nobody appeals until {when}, {amount} go back to {buyer}."),
    ("appealed", False): N_(
        "If no other moderator decides until {when}, the first decision stands: {amount} go back to {buyer}."
    ),
}
"""What silence does where it ends the problem, by whether the reader must answer."""

LEFT_TO_A_MODERATOR = {
    True: N_("If you say nothing until {when}, a moderator decides."),
    False: N_("If {seller} says nothing until {when}, a moderator decides."),
}


def shown(problem: OrderProblem, side: Side | None, reader: Reader) -> dict[str, Any]:
    """A problem as the templates take it."""
    people = {"buyer": problem.buyer_name, "seller": problem.seller_name}
    return {
        "problem": problem,
        "kind": reader.gettext(KINDS[problem.kind]),
        "state": reader.gettext(STATES[problem.status]),
        "ground": reader.gettext(GROUNDS[problem.ground]) if problem.ground else "",
        "silence": silence(problem, side, reader),
        "mine": problem.turn is not None and problem.turn == side,
        "open": problem.status not in ("ended", "withdrawn"),
        "steps": [_step(step, people, reader) for step in problem.steps],
    }


def silence(problem: OrderProblem, side: Side | None, reader: Reader) -> str:
    """What happens, and when, if nobody acts; empty for what is over."""
    if problem.deadline is None:
        return ""
    mine = problem.turn is not None and problem.turn == side
    amount = problem.silence_amount
    words = SILENCE[problem.status, mine] if amount is not None else LEFT_TO_A_MODERATOR[mine]
    other = problem.seller_name if problem.turn == "seller" else problem.buyer_name
    return reader.gettext(words).format(
        when=reader.datetime(problem.deadline),
        amount=reader.money(amount) if amount is not None else "",
        buyer=problem.buyer_name,
        seller=problem.seller_name,
        other=other,
    )


def _step(step: ProblemStep, people: dict[str, str], reader: Reader) -> dict[str, Any]:
    amount = reader.money(step.amount) if step.amount is not None else ""
    return {
        "what": reader.gettext(STEPS[step.status, step.by]).format(amount=amount, **people),
        "ground": reader.gettext(GROUNDS[step.ground]) if step.ground else "",
        "text": step.text,
        "at": step.at,
    }
