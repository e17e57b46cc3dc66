"""What the marketplace takes, as the payment service tells it."""

import time

from entrypoint.clients.fallbacks import tolerated
from entrypoint.context.layout import PageRequest
from entrypoint.context.parts import parts_of

KEPT_S = 60.0
RETRY_S = 2.0
"""How long pages do without, or with the fee as it was, before it is asked for again."""


async def fee_basis_points(request: PageRequest) -> int | None:
    """The fee in hundredths of a percent of the price; None while it cannot be had, and pages do without."""
    until, terms = getattr(request.app.state, "terms_kept", (0.0, None))
    if time.monotonic() >= until:
        now_known = await tolerated("terms", parts_of(request).clients.payment.get_terms(), None)
        terms = now_known or terms
        request.app.state.terms_kept = (time.monotonic() + (KEPT_S if now_known else RETRY_S), terms)
    return terms.fee_basis_points if terms else None
