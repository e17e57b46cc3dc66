"""What must hold in the ledger, recomputed from the entries."""

from souk.audit import Check

LEDGER_CHECKS = (
    Check(
        1,
        "each transfer sums to zero",
        """SELECT e.transfer_id::text, 'sums to ' || sum(e.amount) || ' ' || coalesce(a.currency, 'of no account')
           FROM entry e LEFT JOIN account a ON a.id = e.account_id
           GROUP BY e.transfer_id, a.currency HAVING sum(e.amount) <> 0 OR a.currency IS NULL""",
    ),
    Check(
        1,
        "all entries sum to zero",
        """SELECT a.currency, 'all entries sum to ' || sum(e.amount)
           FROM entry e JOIN account a ON a.id = e.account_id GROUP BY a.currency HAVING sum(e.amount) <> 0""",
    ),
    Check(
        1,
        "each transfer is booked or declined",
        """SELECT t.id::text, 'has ' || count(e.account_id) || ' entries and ' || count(DISTINCT d.transfer_id) || ' declines'
           FROM transfer t LEFT JOIN entry e ON e.transfer_id = t.id LEFT JOIN decline d ON d.transfer_id = t.id
           GROUP BY t.id HAVING (count(d.transfer_id) = 0 AND count(e.account_id) < 2)
               OR (count(d.transfer_id) > 0 AND count(e.account_id) > 0)""",
    ),
    Check(
        1,
        "issued money is what everybody has",
        """SELECT currency, 'differs by ' || sum(amount) FROM (
               SELECT currency, balance AS amount FROM account
               UNION ALL SELECT a.currency, u.amount FROM unrolled u JOIN account a ON a.id = u.account_id
           ) held GROUP BY currency HAVING sum(amount) <> 0""",
    ),
    Check(
        2,
        "cached balance is the sum of entries",
        """SELECT a.id::text, a.kind || ' has ' || a.balance || ' cached, entries say ' || coalesce(e.total, 0)
           FROM account a
           LEFT JOIN (SELECT account_id, sum(amount) AS total FROM entry GROUP BY account_id) e ON e.account_id = a.id
           LEFT JOIN (SELECT account_id, sum(amount) AS total FROM unrolled GROUP BY account_id) u
               ON u.account_id = a.id
           WHERE a.balance + coalesce(u.total, 0) <> coalesce(e.total, 0)""",
    ),
    Check(
        2,
        "cached version counts the entries",
        """SELECT a.id::text, a.kind || ' is at version ' || a.version || ' of ' || coalesce(e.entries, 0) || ' entries'
           FROM account a
           LEFT JOIN (SELECT account_id, count(*) AS entries FROM entry GROUP BY account_id) e ON e.account_id = a.id
           LEFT JOIN (SELECT account_id, count(*) AS entries FROM unrolled GROUP BY account_id) u
               ON u.account_id = a.id
           WHERE a.version + coalesce(u.entries, 0) <> coalesce(e.entries, 0)""",
    ),
    Check(
        2,
        "versions run from 1 without gaps",
        """SELECT e.account_id::text, 'version ' || coalesce(e.account_version::text, 'missing') || ' stands at ' || e.nth
           FROM (SELECT account_id, account_version,
                     row_number() OVER (PARTITION BY account_id ORDER BY account_version) AS nth FROM entry) e
           JOIN account a ON a.id = e.account_id
           WHERE CASE WHEN a.kind IN ('fees', 'issuance') THEN e.account_version IS NOT NULL
               ELSE e.account_version IS DISTINCT FROM e.nth END""",
    ),
    Check(
        2,
        "times on an account never fall",
        """SELECT e.account_id::text, 'version ' || e.account_version || ' is of ' || e.created_at || ', after ' || e.before
           FROM (SELECT e.account_id, e.account_version, t.created_at,
                     lag(t.created_at) OVER (PARTITION BY e.account_id ORDER BY e.account_version) AS before
                 FROM entry e JOIN transfer t ON t.id = e.transfer_id) e
           JOIN account a ON a.id = e.account_id
           WHERE a.kind NOT IN ('fees', 'issuance') AND e.account_version > a.ordered_from AND e.created_at < e.before""",
    ),
    Check(
        2,
        "each account knows its last time",
        """SELECT a.id::text, 'says ' || coalesce(a.last_at::text, 'never') || ', its entries ' || max(t.created_at)
           FROM account a JOIN entry e ON e.account_id = a.id JOIN transfer t ON t.id = e.transfer_id
           WHERE a.kind NOT IN ('fees', 'issuance')
           GROUP BY a.id HAVING a.last_at IS DISTINCT FROM max(t.created_at)""",
    ),
    Check(
        2,
        "each balance follows from the one before",
        """SELECT e.account_id::text,
               'after version ' || e.account_version || ' it says ' || e.balance_after || ', entries say ' || e.total
           FROM (SELECT account_id, account_version, balance_after,
                     sum(amount) OVER (PARTITION BY account_id ORDER BY account_version) AS total FROM entry) e
           JOIN account a ON a.id = e.account_id
           WHERE a.kind NOT IN ('fees', 'issuance') AND e.balance_after IS DISTINCT FROM e.total""",
    ),
    Check(
        2,
        "no wallet and no escrow below zero",
        """SELECT a.id::text, a.kind || ' fell to ' || least(a.balance, min(e.balance_after))
           FROM account a LEFT JOIN entry e ON e.account_id = a.id
           WHERE a.kind IN ('wallet', 'escrow', 'waiting')
           GROUP BY a.id HAVING a.balance < 0 OR min(e.balance_after) < 0""",
    ),
    Check(
        2,
        "unrolled entries are entries",
        """SELECT u.transfer_id::text, 'waits to be rolled up, but no entry says so'
           FROM unrolled u LEFT JOIN entry e USING (transfer_id, account_id, amount) WHERE e.transfer_id IS NULL""",
    ),
)
