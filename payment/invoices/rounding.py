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
