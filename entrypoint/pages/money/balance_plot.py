"""The plot of a wallet's balance."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from entrypoint.web.reader import Reader
from souk.contracts.payment.statements import StatementLine, StatementPage
from souk.money import Money

PLOT_DAYS = 30
PLOTTED_MAX = 100
"""Movements that the plot looks at; beyond, it begins where they do."""


def plot_of(recent: StatementPage, available: Money, reader: Reader, now: datetime) -> dict[str, Any] | None:
    """The balance at the end of each of the last days; None if nothing moved yet."""
    if not recent.items:
        return None
    oldest = recent.items[-1]
    today = now.astimezone(reader.zone).date()
    first = today - timedelta(days=PLOT_DAYS - 1)
    if recent.next_cursor is not None:
        first = max(first, oldest.at.astimezone(reader.zone).date())
    values = _by_day(recent.items, first, today, reader.zone)
    values[-1] = available.amount
    start = Money(values[0], available.currency)
    summary = reader.gettext("Your balance from {first} to today: from {start} to {end}, at the most {most}")
    most = reader.money(Money(max(values), available.currency))
    said = {"first": reader.date(first), "start": reader.money(start), "end": reader.money(available), "most": most}
    return {
        "points": values,
        "start": f"{said['first']}, {said['start']}",
        "end": reader.gettext("Today, {end}").format(end=said["end"]),
        "summary": summary.format(**said),
    }


def _by_day(newest_first: list[StatementLine], first: date, last: date, zone: ZoneInfo) -> list[int]:
    oldest = newest_first[-1]
    balance = oldest.balance_after.amount - oldest.amount.amount
    movements = list(reversed(newest_first))
    values: list[int] = []
    place = 0
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        while place < len(movements) and movements[place].at.astimezone(zone).date() <= day:
            balance = movements[place].balance_after.amount
            place += 1
        values.append(balance)
    return values
