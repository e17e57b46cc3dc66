"""What must hold of wallets, and of money that was issued, sent, or waits for an address."""

from souk.audit import Check

WALLET_CHECKS = (
    Check(
        4,
        "money issued as recorded",
        """SELECT t.id::text, t.kind || ' of ' || coalesce(e.amount, 0) || ', recorded ' || coalesce(i.amount, 0)
           FROM (SELECT * FROM transfer WHERE kind IN ('deposit', 'issuance')
                     AND NOT EXISTS (SELECT FROM decline d WHERE d.transfer_id = transfer.id)) t
           FULL JOIN issuance i ON i.transfer_id = t.id
           LEFT JOIN account a ON a.kind = 'wallet' AND a.owner = i.user_id AND a.currency = i.currency
           LEFT JOIN entry e ON e.transfer_id = t.id AND e.account_id = a.id
           WHERE i.transfer_id IS NULL OR t.id IS NULL OR e.amount IS DISTINCT FROM i.amount OR t.kind <> i.kind""",
    ),
    Check(
        2,
        "wallets are as admins decided",
        """SELECT a.id::text, 'is ' || a.status || ' with ' || a.balance || ', decided was ' || c.status
           FROM account a
           CROSS JOIN LATERAL (SELECT status FROM wallet_change w WHERE w.user_id = a.owner ORDER BY id DESC LIMIT 1) c
           WHERE a.kind = 'wallet' AND (a.status <> c.status OR (c.status = 'closed' AND a.balance <> 0))""",
    ),
    Check(
        4,
        "money sent between users as recorded",
        """SELECT t.id::text, 'moved ' || coalesce(e.amount, 0) || ', recorded ' || coalesce(u.amount, 0)
           FROM (SELECT * FROM transfer WHERE kind = 'transfer'
                     AND NOT EXISTS (SELECT FROM decline d WHERE d.transfer_id = transfer.id)) t
           FULL JOIN user_transfer u ON u.transfer_id = t.id
           LEFT JOIN account a ON a.kind = 'wallet' AND a.owner = u.recipient_id AND a.currency = u.currency
           LEFT JOIN account s ON s.kind = 'wallet' AND s.owner = u.sender_id AND s.currency = u.currency
           LEFT JOIN entry e ON e.transfer_id = t.id AND e.account_id = a.id
           LEFT JOIN entry o ON o.transfer_id = t.id AND o.account_id = s.id
           WHERE t.id IS NULL OR u.transfer_id IS NULL OR e.amount IS DISTINCT FROM u.amount
               OR o.amount IS DISTINCT FROM -u.amount""",
    ),
)

WAITING_CHECKS = (
    Check(
        4,
        "what waits lies in its account, once",
        """SELECT coalesce(w.transfer_id, a.owner)::text, coalesce(w.status, 'nothing noted') || ' of '
               || coalesce(w.amount, 0) || ', its account has ' || coalesce(a.balance, 0)
           FROM waiting_transfer w
           FULL JOIN (SELECT * FROM account WHERE kind = 'waiting') a ON a.owner = w.transfer_id
           WHERE coalesce(a.balance, 0) <> CASE w.status WHEN 'waiting' THEN w.amount ELSE 0 END
               OR (w.transfer_id IS NULL AND a.version > 0)""",
    ),
    Check(
        4,
        "what waited went where it is noted",
        """SELECT w.transfer_id::text, w.status || ' of ' || w.amount || ', moved ' || coalesce(e.amount, 0)
           FROM waiting_transfer w
           LEFT JOIN transfer t ON t.id = w.settled_by
           LEFT JOIN account a ON a.kind = 'wallet' AND a.currency = w.currency
               AND a.owner = CASE w.status WHEN 'delivered' THEN w.recipient_id ELSE w.sender_id END
           LEFT JOIN entry e ON e.transfer_id = w.settled_by AND e.account_id = a.id
           WHERE w.status <> 'waiting' AND (e.amount IS DISTINCT FROM w.amount
               OR t.kind IS DISTINCT FROM 'transfer_' || w.status OR t.reference <> w.transfer_id::text)""",
    ),
    Check(
        7,
        "nothing waits past its time",
        """SELECT transfer_id::text, 'should have gone back on ' || returns_at FROM waiting_transfer
           WHERE status = 'waiting' AND attempts = 0 AND returns_at < now() - interval '1 hour'""",
    ),
)
