"""What must hold in the catalogue's database, and what the store must know likewise."""

from souk.audit import Check, Fact

CHECKS = (
    Check(
        5,
        "units listed = available + reserved + sold",
        """SELECT id::text, quantity || ' listed, but ' || available || ' available, ' || reserved || ' reserved, '
               || sold || ' sold'
           FROM listing WHERE quantity <> available + reserved + sold""",
    ),
    Check(
        5,
        "no units below zero",
        """SELECT id::text, available || ' available, ' || reserved || ' reserved, ' || sold || ' sold'
           FROM listing WHERE least(available, reserved, sold) < 0""",
    ),
    Check(
        5,
        "listings count what reservations hold",
        """SELECT listing.id::text, 'reserved ' || reserved || ', sold ' || sold || ', but reservations hold '
               || coalesce(held.reserved_units, 0) || ' and ' || coalesce(held.sold_units, 0)
           FROM listing LEFT JOIN (
               SELECT listing_id,
                   coalesce(sum(quantity) FILTER (WHERE status = 'reserved'), 0) AS reserved_units,
                   coalesce(sum(quantity) FILTER (WHERE status = 'sold'), 0) AS sold_units
               FROM reservation GROUP BY listing_id
           ) AS held ON held.listing_id = listing.id
           WHERE reserved <> coalesce(held.reserved_units, 0) OR sold <> coalesce(held.sold_units, 0)""",
    ),
    Check(
        5,
        "no reservation without an open purchase",
        """SELECT purchase_id::text, quantity || ' of ' || listing_id || ' are reserved, the purchase was '
               || CASE WHEN cancelled_at IS NULL THEN answer ELSE 'cancelled' END
           FROM reservation JOIN held_purchase USING (purchase_id)
           WHERE status = 'reserved' AND (cancelled_at IS NOT NULL OR answer IS DISTINCT FROM 'reserved')""",
    ),
    Check(
        8,
        "a hidden listing says why, and what is not hidden has nothing to restore",
        """SELECT listing.id::text, 'is ' || status || ', its case says ' || coalesce(status_before, 'nothing')
           FROM listing LEFT JOIN moderation_case ON moderation_case.listing_id = listing.id
           WHERE (status = 'hidden') <> (status_before IS NOT NULL)""",
    ),
    Check(
        8,
        "every hidden listing has the record of who hid it",
        """SELECT id::text, 'is hidden, but no record says by whom' FROM listing WHERE status = 'hidden'
           AND NOT EXISTS (SELECT FROM moderation_record WHERE listing_id = listing.id AND action = 'hidden')""",
    ),
)

FACTS = (
    Fact(
        5,
        "units reserved",
        "SELECT purchase_id::text, sum(quantity) FROM reservation WHERE status = 'reserved' GROUP BY purchase_id",
    ),
    Fact(
        5,
        "units sold",
        "SELECT order_id::text, sum(quantity) FROM reservation WHERE status = 'sold' GROUP BY order_id",
    ),
)
