"""What must hold of issued documents, and what the store must know alike."""

from payment.invoices.drafts import POSTAGE_LINE
from souk.audit import Check, Fact

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


def _documents(name: str, key: str, figure: str, which: str) -> Fact:
    return Fact(6, name, f"SELECT {key}::text, {figure} FROM invoice WHERE {which} GROUP BY {key}")  # noqa: S608


def _postage(name: str, key: str, which: str) -> Fact:
    """What the documents say of postage, VAT included."""
    named = f'"order_line":"{POSTAGE_LINE}"'
    return Fact(
        9,
        name,
        f"""SELECT {key}::text, sum((line ->> 'amount')::bigint)
            FROM invoice, json_array_elements(document::json -> 'lines') line
            WHERE {which} AND about = 'sale' AND strpos(document, '{named}') > 0
                AND line ->> 'order_line' = '{POSTAGE_LINE}'
            GROUP BY {key}""",  # noqa: S608 - texts of ours
    )


INVOICE_FACTS = (
    _postage("postage invoiced", "order_id", "kind = 'invoice'"),
    _postage("postage credited", "refund_id", "refund_id IS NOT NULL"),
    _documents("order invoiced", "order_id", "count(*)", "kind = 'invoice' AND about = 'sale'"),
    _documents(
        "order credited", "order_id", "count(*)", "kind = 'credit_note' AND about = 'sale' AND refund_id IS NULL"
    ),
    _documents("refund credited", "refund_id", "count(*)", "about = 'sale' AND refund_id IS NOT NULL"),
    _documents("fee invoiced", "order_id", "sum(total)", "kind = 'invoice' AND about = 'fee'"),
)
