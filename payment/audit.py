"""What must hold in the payment service's database, recomputed from the entries (misc/design.md, “Invariants”)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from payment.invoices import redrawing
from payment.ledger import blocks, witness
from payment.settings import PaymentSettings
from souk.audit import Check, Fact, Report
from souk.database import Database, ReadSession

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
)

INVOICE_CHECKS = (
    Check(
        6,
        "numbers run from 1 without gaps",
        """SELECT seller_id || ' ' || kind, number || ' stands at ' || nth
           FROM (SELECT seller_id, kind, number, position,
                     row_number() OVER (PARTITION BY seller_id, kind ORDER BY position) AS nth FROM invoice) i
           WHERE position <> nth OR right(number, 6) <> right(lpad(nth::text, 6, '0'), 6)""",
    ),
    Check(
        6,
        "each series ends where its counter stands",
        """SELECT s.seller_id || ' ' || s.kind, 'the counter says ' || s.last_position || ' of ' || count(i.id)
           FROM series s LEFT JOIN invoice i USING (seller_id, kind)
           GROUP BY s.seller_id, s.kind HAVING s.last_position <> count(i.id)""",
    ),
    Check(
        6,
        "dates within a series never fall",
        """SELECT i.number, 'is of ' || i.issued_on || ', after ' || i.before
           FROM (SELECT seller_id, kind, number, position, issued_on,
                     lag(issued_on) OVER (PARTITION BY seller_id, kind ORDER BY position) AS before FROM invoice) i
           JOIN series s USING (seller_id, kind)
           WHERE i.position > s.ordered_from AND i.issued_on < i.before""",
    ),
    Check(
        10,
        "documents are as they were issued",
        """SELECT number, 'the document or the PDF is not what was hashed'
           FROM invoice i LEFT JOIN invoice_pdf p ON p.invoice_id = i.id
           WHERE encode(sha256(convert_to(i.document, 'UTF8')), 'hex') <> i.document_hash
               OR encode(sha256(p.content), 'hex') <> p.content_hash
               OR strpos(i.document, '"issued_on":"' || i.issued_on || '"') = 0
               OR strpos(i.document, '"number":"' || i.number || '"') = 0""",
    ),
    Check(
        10,
        "documents and PDFs have the hashes that were sealed",
        """SELECT coalesce(i.number, 'no document'), 'the ledger sealed other hashes than the ones that stand beside it'
           FROM invoice i LEFT JOIN invoice_pdf p ON p.invoice_id = i.id
           LEFT JOIN sealed_document d ON d.invoice_id = i.id AND d.part = 'document'
           LEFT JOIN sealed_document s ON s.invoice_id = i.id AND s.part = 'pdf'
           WHERE d.hash IS DISTINCT FROM i.document_hash OR s.hash IS DISTINCT FROM p.content_hash""",
    ),
    Check(
        6,
        "each credit note corrects its order's invoice",
        """SELECT c.number, 'corrects ' || c.corrects || ' about the ' || c.about || ' of order ' || c.order_id
           FROM invoice c
           LEFT JOIN invoice i ON i.order_id = c.order_id AND i.about = c.about AND i.kind = 'invoice'
           WHERE c.kind = 'credit_note'
               AND (i.number, i.seller_id, i.buyer_id) IS DISTINCT FROM (c.corrects, c.seller_id, c.buyer_id)""",
    ),
    Check(
        6,
        "credit notes give back what was refunded",
        """SELECT c.number, 'gives back ' || c.total || ', refunded ' || coalesce(r.amount, 0) || ' with a fee of '
               || coalesce(r.fee, 0)
           FROM invoice c LEFT JOIN refund r ON r.id = c.refund_id
           WHERE c.kind = 'credit_note' AND c.refund_id IS NOT NULL
               AND c.total IS DISTINCT FROM CASE c.about WHEN 'fee' THEN r.fee ELSE r.amount END""",
    ),
    Check(
        6,
        "credit notes give back at most what was invoiced",
        """SELECT order_id::text, 'of the ' || about || ' ' || sum(total) FILTER (WHERE kind = 'credit_note')
               || ' was credited, ' || coalesce(sum(total) FILTER (WHERE kind = 'invoice'), 0) || ' invoiced'
           FROM invoice GROUP BY order_id, about
           HAVING sum(total) FILTER (WHERE kind = 'credit_note')
               > coalesce(sum(total) FILTER (WHERE kind = 'invoice'), 0)""",
    ),
    Check(
        6,
        "each invoice bills what was captured, or kept as the fee",
        """SELECT i.number, 'bills ' || i.total || ', captured ' || coalesce(s.amount, 0) || ', fee ' || coalesce(s.fee, 0)
           FROM invoice i LEFT JOIN escrow s ON s.order_id = i.order_id
           WHERE i.kind = 'invoice' AND i.total IS DISTINCT FROM CASE i.about WHEN 'fee' THEN s.fee ELSE s.amount END""",
    ),
)

WALLET_CHECKS = (
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

CHECKS: Sequence[Check] = (*LEDGER_CHECKS, *ESCROW_CHECKS, *WALLET_CHECKS, *WAITING_CHECKS, *INVOICE_CHECKS)


def _moved(name: str, column: str) -> Fact:
    return Fact(3, name, f"SELECT order_id::text, {column} FROM ({_FLOWS}) f WHERE {column} <> 0")  # noqa: S608


def _documents(name: str, key: str, figure: str, which: str) -> Fact:
    return Fact(6, name, f"SELECT {key}::text, {figure} FROM invoice WHERE {which} GROUP BY {key}")  # noqa: S608


FACTS: Sequence[Fact] = (
    _moved("order captured", "captured"),
    _moved("order settled", "settled"),
    Fact(3, "order refunded", f"SELECT order_id, sum(amount) FROM ({_REFUNDS}) r GROUP BY order_id"),  # noqa: S608
    _documents("order invoiced", "order_id", "count(*)", "kind = 'invoice' AND about = 'sale'"),
    _documents(
        "order credited", "order_id", "count(*)", "kind = 'credit_note' AND about = 'sale' AND refund_id IS NULL"
    ),
    _documents("refund credited", "refund_id", "count(*)", "about = 'sale' AND refund_id IS NOT NULL"),
    _documents("fee invoiced", "order_id", "sum(total)", "kind = 'invoice' AND about = 'fee'"),
)
"""Compared with what the store knows of the same orders."""


async def verify_chain(reader: ReadSession, known: Mapping[int, str]) -> Report:
    """Whether all closed transfers are as they were closed, and in them nothing is missing or added."""
    found = await blocks.verify(reader, known)
    if isinstance(found, blocks.Broken):
        return Report(f"block {found.number} {found.why}", sound=False)
    return Report(
        f"{found.blocks} blocks over {found.transfers} transfers, {found.waiting} wait for the next; "
        f"newest {found.blocks}:{found.newest_hash}",
        sound=True,
    )


def noted_outside(settings: PaymentSettings) -> tuple[Path, Mapping[int, str]]:
    """The file outside the database that blocks are noted in, and the hashes (hex) in it by block number."""
    return settings.witness_path, witness.read(settings.witness_path)


async def verify_documents(database: Database, *, everything: bool) -> Report:
    """Draw documents anew, and compare them with what is stored."""
    found = await redrawing.redraw(database, everything=everything)
    if found.different:
        return Report(f"{', '.join(found.different)}: the stored PDF is not what the document draws", sound=False)
    return Report(
        f"{found.drawn} of {found.stored} drawn anew, each as it is stored; {found.others} were drawn by another version, "
        f"and are known by their hashes",
        sound=True,
    )
