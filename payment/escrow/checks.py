"""What must hold between escrows and the ledger's entries, and what the store must know alike."""

from souk.audit import Check, Fact

# What each order's escrow account did, by the entries alone.
_FLOWS = """SELECT a.owner AS order_id,
        coalesce(sum(e.amount) FILTER (WHERE t.kind = 'capture'), 0) AS captured,
        -coalesce(sum(e.amount) FILTER (WHERE t.kind = 'settlement'), 0) AS settled,
        -coalesce(sum(e.amount) FILTER (WHERE t.kind = 'refund'), 0) AS refunded,
        coalesce(sum(e.amount), 0) AS held,
        count(*) FILTER (WHERE t.kind = 'capture') AS captures,
        count(*) FILTER (WHERE t.kind = 'settlement') AS settlements
    FROM account a JOIN entry e ON e.account_id = a.id JOIN transfer t ON t.id = e.transfer_id
    WHERE a.kind = 'escrow' GROUP BY a.owner"""

# What each refund took from whom and gave back, by the entries alone; only the buyer receives.
_REFUNDS = """SELECT t.id, t.reference AS order_id,
        coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0) AS amount,
        -coalesce(sum(e.amount) FILTER (WHERE a.kind = 'escrow'), 0) AS from_escrow,
        -coalesce(sum(e.amount) FILTER (WHERE a.kind = 'fees'), 0) AS fee,
        -coalesce(sum(e.amount) FILTER (WHERE a.kind = 'wallet' AND e.amount < 0), 0) AS from_seller,
        -coalesce(sum(e.amount) FILTER (WHERE a.kind = 'receivable'), 0) AS owed
    FROM transfer t JOIN entry e ON e.transfer_id = t.id JOIN account a ON a.id = e.account_id
    WHERE t.kind = 'refund' GROUP BY t.id"""

ESCROW_CHECKS = (
    Check(
        3,
        "escrow in = settled + refunded + held",
        f"""SELECT order_id::text, captured || ' in, ' || settled || ' settled, ' || refunded || ' refunded, ' || held || ' held'
            FROM ({_FLOWS}) f WHERE captured <> settled + refunded + held OR held < 0""",  # noqa: S608
    ),
    Check(
        3,
        "refunds at most what was captured",
        f"""SELECT s.order_id::text, sum(r.amount) || ' refunded of ' || s.amount
            FROM escrow s JOIN ({_REFUNDS}) r ON r.order_id = s.order_id::text
            GROUP BY s.order_id HAVING sum(r.amount) > s.amount OR bool_or(r.amount <= 0)""",  # noqa: S608
    ),
    Check(
        3,
        "escrow says what the entries say",
        f"""SELECT coalesce(s.order_id, f.order_id)::text, coalesce(s.status, 'no escrow') || ' over ' ||
                coalesce(s.amount, 0) || ', entries: ' || coalesce(f.captured, 0) || ' in, ' || coalesce(f.held, 0) || ' held'
            FROM escrow s FULL JOIN ({_FLOWS}) f ON f.order_id = s.order_id
            WHERE s.order_id IS NULL OR f.order_id IS NULL OR s.amount <> f.captured
                OR f.settled <> s.settled OR f.refunded <> s.refunded OR (f.held = 0) <> (s.ended_at IS NOT NULL)""",  # noqa: S608
    ),
    Check(
        3,
        "refunds are booked as they are noted",
        f"""SELECT coalesce(r.id, f.id)::text, 'noted ' || coalesce(r.amount, 0) || ' (' || coalesce(r.fee, 0) || ' fee, '
                || coalesce(r.from_seller, 0) || ' seller, ' || coalesce(r.owed, 0) || ' owed), entries: '
                || coalesce(f.amount, 0) || ' (' || coalesce(f.fee, 0) || ', ' || coalesce(f.from_seller, 0) || ', '
                || coalesce(f.owed, 0) || ')'
            FROM refund r FULL JOIN ({_REFUNDS}) f ON f.id = r.id
            WHERE r.id IS NULL OR f.id IS NULL OR f.order_id <> r.order_id::text OR r.amount <> f.amount
                OR f.from_escrow <> CASE r.source WHEN 'escrow' THEN r.amount ELSE 0 END
                OR (r.fee, r.from_seller, r.owed) <> (f.fee, f.from_seller, f.owed)""",  # noqa: S608
    ),
    Check(
        3,
        "refunds after the settlement are counted, with the fee in proportion",
        """SELECT s.order_id::text, s.returned || ' returned with ' || s.fee_returned || ' of the fee of ' || s.fee
                || ' on ' || s.settled || ', refunds: ' || coalesce(sum(r.amount), 0) || ' with ' || coalesce(sum(r.fee), 0)
           FROM escrow s LEFT JOIN refund r ON r.order_id = s.order_id AND r.source = 'seller'
           GROUP BY s.order_id HAVING s.returned <> coalesce(sum(r.amount), 0) OR s.fee_returned <> coalesce(sum(r.fee), 0)
               OR s.fee_returned <> coalesce(div(2 * s.fee::numeric * s.returned + s.settled, nullif(2 * s.settled, 0)), 0)""",
    ),
    Check(
        3,
        "the settled fee is what the entries say",
        """SELECT s.order_id::text, 'says ' || s.fee || ', entries ' || coalesce(sum(e.amount), 0)
           FROM escrow s
           JOIN transfer t ON t.kind = 'settlement' AND t.reference = s.order_id::text
           LEFT JOIN (entry e JOIN account a ON a.id = e.account_id AND a.kind = 'fees') ON e.transfer_id = t.id
           GROUP BY s.order_id HAVING s.fee <> coalesce(sum(e.amount), 0)""",
    ),
    Check(
        3,
        "what sellers owe is refunds less recoveries, and nobody is owed",
        """SELECT a.owner::text, 'owes ' || -a.balance || ', refunds and settlements say ' || coalesce(sum(-e.amount), 0)
           FROM account a LEFT JOIN (entry e JOIN transfer t ON t.id = e.transfer_id
               AND t.kind IN ('refund', 'settlement')) ON e.account_id = a.id
           WHERE a.kind = 'receivable'
           GROUP BY a.id HAVING a.balance <> coalesce(sum(e.amount), 0) OR a.balance > 0
               OR bool_or((t.kind = 'refund') <> (e.amount < 0))""",
    ),
    Check(
        3,
        "a captured purchase has a transfer, another has none",
        """SELECT c.purchase_id::text, c.outcome || ', but ' || count(e.account_id) || ' entries'
           FROM capture c
           LEFT JOIN transfer t ON t.kind = 'capture' AND t.reference = c.purchase_id::text
           LEFT JOIN entry e ON e.transfer_id = t.id
           GROUP BY c.purchase_id HAVING (c.outcome = 'captured') <> (count(e.account_id) > 0)""",
    ),
    Check(
        4,
        "one capture per purchase",
        """SELECT reference, count(*) || ' captures' FROM transfer t
           WHERE kind = 'capture' AND EXISTS (SELECT FROM entry e WHERE e.transfer_id = t.id)
           GROUP BY reference HAVING count(*) > 1""",
    ),
    Check(
        4,
        "one capture, one settlement per order",
        f"""SELECT order_id::text, captures || ' captures, ' || settlements || ' settlements'
            FROM ({_FLOWS}) f WHERE captures <> 1 OR settlements > 1""",  # noqa: S608
    ),
)


def _moved(name: str, column: str) -> Fact:
    return Fact(3, name, f"SELECT order_id::text, {column} FROM ({_FLOWS}) f WHERE {column} <> 0")  # noqa: S608


ESCROW_FACTS = (
    _moved("order captured", "captured"),
    _moved("order settled", "settled"),
    Fact(9, "postage captured", "SELECT order_id::text, postage FROM escrow WHERE postage > 0"),
    Fact(3, "order refunded", f"SELECT order_id, sum(amount) FROM ({_REFUNDS}) r GROUP BY order_id"),  # noqa: S608
)
