"""What stands in the way of a problem, of an answer to it, and of a decision."""

from uuid import UUID

from souk.contracts.store.problems import PROBLEM_CHARS_MIN, ProblemAction
from souk.errors import Choice, InvalidInput, RuleBroken
from souk.money import Money
from store.problems.tables import ProblemRow
from store.problems.transitions import TRANSITIONS, Actor, ProblemTransition
from store.texts import paragraph

PER_ORDER_MAX = 3
"""Each stops an order's clock for a while; after so many nobody believes another one."""

ROUNDS_MAX = 6
"""Proposals of one problem; who then does not accept asks for a moderator."""


class ProblemOpen(RuleBroken):
    """One problem at a time."""

    title = "You have said that something is wrong already"
    members = ("problem_id",)


class TooManyProblems(RuleBroken):
    """The order had as many problems as it may."""

    title = "You said so several times"


class ProblemNotNow(RuleBroken):
    """The problem is not in a state, or not the caller's turn, for that."""

    title = "That is not possible now"
    members = ("problem_status", "allowed")


class ProblemMovedOn(RuleBroken):
    """The problem is not as the caller saw it."""

    title = "Something happened meanwhile"
    members = ("version",)


class NoMoreProposals(RuleBroken):
    """As many amounts were proposed as may be."""

    title = "Enough was proposed"


class OwnProblem(RuleBroken):
    """Nobody judges what they bought or sold."""

    title = "This order is yours"


class AnotherModerator(RuleBroken):
    """Who decided first does not decide the appeal."""

    title = "Another moderator has to decide"


WHY = {
    "opened": "Nobody has proposed anything yet.",
    "proposed": "Whoever made the last proposal waits for the other's answer.",
    "escalated": "It waits for a moderator.",
    "decided": "A moderator has decided.",
    "appealed": "It waits for another moderator.",
    "ended": "It is settled.",
    "withdrawn": "It was withdrawn.",
}


def check_words(text: str) -> str:
    """What is wrong, or why somebody decides so; raises InvalidInput if it says too little."""
    words = paragraph("text", text)
    if len(words) < PROBLEM_CHARS_MIN:
        raise InvalidInput("text", "Say it in at least {least} characters.", code="say-more", least=PROBLEM_CHARS_MIN)
    return words


def check_amount(amount: Money, problem: ProblemRow) -> int:
    """In minor units; raises InvalidInput unless it is from nothing to all that is held."""
    if amount.currency != problem.currency:
        raise InvalidInput("amount", "must be in {currency}", code="another-currency", currency=problem.currency)
    if not 0 <= amount.amount <= problem.held:
        most = Money(problem.held, problem.currency)
        raise InvalidInput("amount", "can be from nothing to {most}, which is held.", code="more-than-held", most=most)
    return amount.amount


def allowed(problem: ProblemRow, actors: tuple[Actor, ...]) -> list[ProblemAction]:
    """What somebody who is all of these may do now."""
    can = TRANSITIONS.possible(problem.status, *actors)
    return [action for action in can if action != "counter" or problem.rounds < ROUNDS_MAX]


def check_step(
    problem: ProblemRow, actors: tuple[Actor, ...], version: int, action: ProblemAction
) -> ProblemTransition:
    """What follows if somebody who is all of these does this to the problem as they saw it.

    Raises ProblemMovedOn, NoMoreProposals, or ProblemNotNow with what they may do instead.
    """
    step = TRANSITIONS.possible(problem.status, *actors).get(action)
    if problem.version != version and step is not None:
        raise ProblemMovedOn(
            "Something happened to this problem meanwhile. Look at it again. Nothing was changed.",
            version=problem.version,
        )
    if step is None:
        raise ProblemNotNow(
            "{problem_status} Nothing was changed.",
            problem_status=Choice(WHY, problem.status),
            allowed=allowed(problem, actors),
        )
    if action == "counter" and problem.rounds >= ROUNDS_MAX:
        raise NoMoreProposals(
            "{most} amounts were proposed. Accept the last one, or let a moderator decide. Nothing was changed.",
            most=ROUNDS_MAX,
        )
    return step


def judge(problem: ProblemRow, moderator_id: UUID) -> tuple[Actor, ...]:
    """What a moderator is to a problem: `another_moderator` unless they decided it before; nothing to their own."""
    if moderator_id in (problem.buyer_id, problem.seller_id):
        return ()
    return ("moderator",) if moderator_id == problem.decided_by else ("moderator", "another_moderator")
