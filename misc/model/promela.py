"""The model in Promela: a row of it for each row of the tables, so that it cannot say anything else than they do.

What is written by hand is what the tables leave to the code: what freezes an order, what an end asks for, and that payment
books later, in any order, what was asked for. Money is four units, so that a half and a quarter can go back.
"""

from pathlib import Path

from store.orders.transitions import TRANSITIONS as ORDERS
from store.orders.transitions import OrderTransition
from store.problems.transitions import GIVES_ALL, NOT_ARRIVED, ProblemTransition
from store.problems.transitions import TRANSITIONS as PROBLEMS

MODEL = Path(__file__).parent / "order_problem.pml"

FROM = ("paid", "shipped", "delivered", "cancelled")
"""Statuses of orders that the model knows ways from: before them there is no money."""

BOOKED = {("delivered", "completed"), ("cancelled", "refunded")}
"""Steps of an order that follow what payment books: they are the bookings' own."""

HEAD = """/* An order and its problem. Made by `python -m misc.model` from store/orders/transitions.py and
   store/problems/transitions.py; tests/test_model.py compares, and lets Spin walk through all of it. */

#define ALL 4     /* units of money that were paid */
#define ROUNDS 3  /* proposals of one problem: more of them lead nowhere else */
#define OPENED 2  /* problems of one order */

mtype = { O_ORDERS, O_DONE };
mtype = { P_NONE, P_PROBLEMS };
mtype = { BUYER, SELLER, NOBODY };

mtype order = O_paid, problem = P_NONE, turn = NOBODY;
bool frozen, missing, refund_asked, settle_asked, all_asked;
byte escrow = ALL, to_buyer, to_seller, amount, rest, rounds, opened, decider, settlements, refunds;

/* What an end asks payment for; the order goes with it, in the same step. */
inline end_problem() {
  frozen = false; turn = NOBODY;
  if :: amount > 0 -> refund_asked = true :: else fi;
  if
  :: amount < ALL -> order = O_delivered; rest = ALL - amount; settle_asked = true
  :: else -> order = O_refunded
  fi
}

inline any_amount() { if :: amount = 0 :: amount = 1 :: amount = 2 :: amount = ALL fi }
inline other_turn() { if :: turn == BUYER -> turn = SELLER :: else -> turn = BUYER fi }
inline kept() { assert(escrow + to_buyer + to_seller == ALL && settlements <= 1 && refunds <= 1) }

/* Payment books what was asked for when it gets to it: a settlement waits for the refund that comes before it. */
active proctype payment() {
  do
  :: atomic { refund_asked -> assert(!frozen && escrow >= amount);
       escrow = escrow - amount; to_buyer = to_buyer + amount; refunds++; refund_asked = false; kept() }
  :: atomic { settle_asked && escrow == rest -> assert(!frozen);
       to_seller = to_seller + escrow; escrow = 0; settlements++; settle_asked = false; order = O_completed; kept() }
  :: atomic { all_asked -> assert(!frozen);
       to_buyer = to_buyer + escrow; escrow = 0; refunds++; all_asked = false; order = O_refunded; kept() }
  :: (order == O_completed || order == O_refunded) && !refund_asked && !settle_asked && !all_asked -> break
  od;
  assert(escrow == 0 && !frozen && to_buyer + to_seller == ALL)
}

active proctype store() {
  do
  /* the buyer says that something is wrong */
  :: atomic { order == O_shipped && !frozen && opened < OPENED ->
       if :: missing = true :: missing = false fi;
       frozen = true; opened++; rounds = 0; amount = 0; decider = 0; problem = P_opened; turn = SELLER }
"""

TAIL = """  :: order == O_completed || order == O_refunded -> break
  od
}
"""

ASKS = {
    "delivered": "rest = ALL; settle_asked = true; ",
    "cancelled": "all_asked = true; ",
}
"""What payment is asked for when an order becomes this by itself."""


def promela() -> str:
    """The whole model."""
    orders = sorted({t.before for t in _orders()} | {t.after for t in _orders()} - {"completed", "refunded"})
    problems = sorted({t.before for t in PROBLEMS} | {t.after for t in PROBLEMS})
    head = HEAD.replace("O_ORDERS, O_DONE", ", ".join(f"O_{status}" for status in [*orders, "completed", "refunded"]))
    head = head.replace("P_PROBLEMS", ", ".join(f"P_{status}" for status in problems))
    rows = ["  /* the order, by its table */", *(row for t in _orders() for row in _order(t))]
    rows += ["  /* its problem, by its table */", *(row for t in PROBLEMS for row in _problem(t))]
    return head + "\n".join(rows) + "\n" + TAIL


def _orders() -> list[OrderTransition]:
    return [t for t in ORDERS if t.before in FROM and (t.before, t.after) not in BOOKED and t.before != t.after]


def _order(t: OrderTransition) -> list[str]:
    """What is the system's alone is a problem's end, which is among the problem's rows."""
    if not t.by - {"system"} or (t.before, t.after) == ("shipped", "refunded"):
        return []
    who = ", ".join(sorted(t.by))
    does = f"order = O_{t.after}; {ASKS.get(t.after, '')}"
    return [f"  :: atomic {{ order == O_{t.before} && !frozen -> {does}}} /* {who} */"]


def _problem(t: ProblemTransition) -> list[str]:
    guards = [f"problem == P_{t.before}"]
    if t.only:
        guards.append("missing" if t.only == NOT_ARRIVED else "!missing")
    if "answerer" in t.by:
        guards.append("turn != NOBODY")
    does = [f"problem = P_{t.after}"]
    if t.action in ("propose", "counter"):
        guards.append("rounds < ROUNDS")
        does += ["any_amount()", "rounds++"]
    if t.action == "propose":
        return [_row(guards, [*does, f"turn = {_other(by)}"], by) for by in sorted(t.by)]
    if t.action == "counter":
        does.append("other_turn()")
    if t.action == "decide":
        return [
            _row([*guards, *_allowed(t, judge)], [*does, *_judged(t, judge)], f"moderator {judge}") for judge in (1, 2)
        ]
    if t.after == "ended":
        does += [*(["amount = ALL"] if "deadline" in t.by and t.before in GIVES_ALL else []), "end_problem()"]
    elif t.after == "withdrawn":
        does += ["frozen = false", "turn = NOBODY"]
    elif t.after in ("escalated", "appealed"):
        does.append("turn = NOBODY")
    return [_row(guards, does, ", ".join(sorted(t.by)))]


def _allowed(t: ProblemTransition, judge: int) -> list[str]:
    return [f"decider != {judge}"] if "another_moderator" in t.by else []


def _judged(t: ProblemTransition, judge: int) -> list[str]:
    if t.after == "ended":
        return ["any_amount()", f"assert(decider != {judge})", "end_problem()"]
    return ["any_amount()", f"decider = {judge}"]


def _other(side: str) -> str:
    return "SELLER" if side == "buyer" else "BUYER"


def _row(guards: list[str], does: list[str], who: str) -> str:
    return f"  :: atomic {{ {' && '.join(guards)} -> {'; '.join(does)} }} /* {who} */"
