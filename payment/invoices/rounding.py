"""Rounding of VAT, in integers. One rule everywhere: half up, as invoices in the EU commonly do."""

BASIS_POINTS = 10_000


def half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` to the nearest integer, a half going up; for amounts of zero and above."""
    return (2 * numerator + denominator) // (2 * denominator)


def tax_within(gross: int, rate: int) -> int:
    """VAT contained in `gross` (minor units, VAT included) at `rate` basis points."""
    return half_up(gross * rate, BASIS_POINTS + rate)


def net_within(gross: int, rate: int) -> int:
    """`gross` without the VAT it contains; net and VAT always add up to `gross`."""
    return gross - tax_within(gross, rate)


def share_net(gross_before: int, gross: int, rate: int) -> int:
    """Net amount of a line that follows lines of `gross_before` in the same category.

    The difference of two rounded running sums: never negative, at most one minor unit from the exact value, and
    over all lines it sums to the net amount of their total.
    """
    return net_within(gross_before + gross, rate) - net_within(gross_before, rate)


DRIFT_MAX = 3
"""Minor units of VAT by which what is left of an invoice may stray from its rate, for the sake of tiny notes."""


def tax_given_back(gross: int, rate: int, left: int, left_tax: int) -> int:
    """VAT within `gross`, which is given back of `left` that contains `left_tax`; never more than is left of either.

    What was given back in full has given back exactly the VAT that was charged. On the way there, what is left keeps to its
    rate as well, and one note may round up or down for that. It would show where there is hardly any VAT: 0.01 at 19 % has
    none, and a note with VAT alone would be absurd. So what has less than one unit of VAT is rounded for itself, and the
    notes after it make up for that; after many such notes in a row, one of them.
    """
    least, most = max(0, left_tax - (left - gross)), min(gross, left_tax)
    below = gross * rate // (BASIS_POINTS + rate)

    def strays(tax: int) -> tuple[int, int, int]:
        now = abs(tax - tax_within(gross, rate))
        later = abs(left_tax - tax - tax_within(left - gross, rate))
        return (max(0, later - DRIFT_MAX), now, later) if below == 0 else (0, later, now)

    return min((min(max(tax, least), most) for tax in (below, below + 1)), key=strays)
