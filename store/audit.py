"""What must hold over the store's tables, and what it knows that other services must know alike."""

from souk.audit import Check, Fact
from store.orders.transitions import TRANSITIONS
from store.problems.transitions import OPEN as OPEN_PROBLEMS
from store.problems.transitions import TRANSITIONS as PROBLEM_TRANSITIONS

GRACE = "interval '60 seconds'"
"""How long a deadline may have passed before something has not done its work."""

BOOKING_PATIENCE = "interval '10 minutes'"
"""How long a settlement or refund may take."""

_LEGAL = ", ".join(
    f"('{transition.before}', '{transition.after}', '{actor}')"
    for transition in TRANSITIONS
    for actor in sorted(transition.by)
)

_OPEN_PROBLEM = ", ".join(f"'{status}'" for status in sorted(OPEN_PROBLEMS))

_LEGAL_PROBLEM = ", ".join(
    sorted({f"('{transition.before}', '{transition.after}')" for transition in PROBLEM_TRANSITIONS})
)


def _given_back(orders: str) -> str:
    """What was given back of each order of which the condition holds: booked parts, and what was left at a full refund."""
    return f"""SELECT id, amount FROM (
               SELECT o.id::text, coalesce(sum(r.amount), 0)
                   + CASE o.status WHEN 'refunded' THEN o.amount - o.refunded ELSE 0 END AS amount
               FROM orders o LEFT JOIN refund r ON r.order_id = o.id AND r.booked_at IS NOT NULL
               WHERE {orders} GROUP BY o.id
           ) given WHERE amount <> 0"""  # noqa: S608 - the conditions are written here


CHECKS = (
    Check(
        3,
        "orders sum to their purchase",
        """SELECT p.id::text, 'total ' || p.amount || ', orders ' || coalesce(sum(o.amount), 0)
           FROM purchase p LEFT JOIN orders o ON o.purchase_id = p.id AND o.currency = p.currency
           GROUP BY p.id HAVING p.amount <> coalesce(sum(o.amount), 0)""",
    ),
    Check(
        3,
        "lines and postage sum to their order",
        """SELECT o.id::text, 'amount ' || o.amount || ', lines ' || coalesce(sum(l.total), 0) || ', postage ' || o.postage
           FROM orders o LEFT JOIN order_line l ON l.order_id = o.id AND l.currency = o.currency
           GROUP BY o.id HAVING o.amount <> coalesce(sum(l.total), 0) + o.postage OR o.units <> coalesce(sum(l.quantity), 0)
               OR bool_or(l.total <> l.quantity * l.unit_price)""",
    ),
    Check(
        3,
        "purchase and orders agree",
        """SELECT o.id::text, 'order is ' || o.status || ', its purchase ' || p.status
           FROM orders o JOIN purchase p ON p.id = o.purchase_id
           WHERE (p.status = 'paid') <> (o.paid_at IS NOT NULL)
              OR (p.status IN ('placed', 'awaiting_payment')) <> (o.status = 'placed')
              OR o.buyer_id <> p.buyer_id OR o.currency <> p.currency""",
    ),
    Check(
        3,
        "paid = captured; settled = captured; refunded = captured",
        """SELECT id::text, 'is ' || status || ', captured ' || coalesce(captured_at::text, 'never') FROM orders
           WHERE (paid_at IS NOT NULL AND captured_at IS NULL)
              OR (paid_at IS NULL AND status NOT IN ('placed', 'cancelled', 'refunded'))
              OR (status = 'refunded' AND captured_at IS NULL)
              OR (status = 'completed' AND to_seller + fee IS DISTINCT FROM amount - refunded + returned)""",
    ),
    Check(
        3,
        "refunds sum to their order",
        """SELECT o.id::text, 'says ' || o.refunded || ' (' || o.returned || ' after it arrived) of ' || o.amount
               || ', refunds: ' || coalesce(sum(r.amount), 0)
           FROM orders o LEFT JOIN refund r ON r.order_id = o.id AND r.currency = o.currency
           GROUP BY o.id HAVING o.refunded <> coalesce(sum(r.amount), 0) OR o.refunded > o.amount
               OR o.returned <> coalesce(sum(r.amount) FILTER (WHERE r.source = 'seller'), 0)""",
    ),
    Check(
        3,
        "lines and postage sum to their refund",
        """SELECT r.id::text, 'amount ' || r.amount || ', lines ' || coalesce(sum(l.amount), 0) || ', postage ' || r.postage
           FROM refund r LEFT JOIN refund_line l ON l.refund_id = r.id
           GROUP BY r.id HAVING r.amount <> coalesce(sum(l.amount), 0) + r.postage""",
    ),
    Check(
        9,
        "no postage is refunded beyond what was charged",
        """SELECT o.id::text, sum(r.postage) || ' refunded of ' || o.postage
           FROM orders o JOIN refund r ON r.order_id = o.id
           GROUP BY o.id HAVING sum(r.postage) > o.postage""",
    ),
    Check(
        3,
        "no line is refunded beyond its total",
        """SELECT l.id::text, sum(r.amount) || ' for ' || sum(r.quantity) || ' units refunded of ' || l.total
               || ' for ' || l.quantity
           FROM order_line l JOIN refund_line r ON r.line_id = l.id JOIN refund f ON f.id = r.refund_id
           GROUP BY l.id HAVING sum(r.amount) > l.total OR sum(r.quantity) > l.quantity
               OR bool_or(f.order_id <> l.order_id)""",
    ),
    Check(
        4,
        "money captured late comes for a whole purchase",
        """SELECT purchase_id::text, 'captured ' || count(captured_at) || ' of ' || count(*) || ' orders'
           FROM orders GROUP BY purchase_id HAVING count(captured_at) NOT IN (0, count(*))""",
    ),
    Check(
        4,
        "the timeline leads to the status",
        """SELECT o.id::text, 'is ' || o.status || ' at version ' || o.version || ', steps: '
               || coalesce(string_agg(s.status, ' ' ORDER BY s.version), 'none')
           FROM orders o LEFT JOIN order_step s ON s.order_id = o.id
           GROUP BY o.id HAVING count(s.version) <> o.version OR coalesce(max(s.version), 0) <> o.version
               OR (array_agg(s.status ORDER BY s.version DESC))[1] IS DISTINCT FROM o.status""",
    ),
    Check(
        4,
        "every step was legal",
        f"""SELECT order_id::text, before || ' to ' || status || ' by ' || by FROM (
               SELECT *, lag(status) OVER (PARTITION BY order_id ORDER BY version) AS before FROM order_step
           ) AS step WHERE before IS NOT NULL AND (before, status, by) NOT IN (VALUES {_LEGAL})""",  # noqa: S608
    ),
    Check(
        7,
        "no purchase waits past its deadline",
        f"""SELECT id::text, status || ' since ' || placed_at || ', expired ' || expires_at FROM purchase
            WHERE status IN ('placed', 'awaiting_payment') AND expires_at < now() - {GRACE}""",  # noqa: S608
    ),
    Check(
        7,
        "no order waits past its deadline",
        f"""SELECT id::text, status || ' past ' || deadline FROM orders
            WHERE deadline < now() - {GRACE}""",  # noqa: S608
    ),
    Check(
        7,
        "settlements and refunds are booked",
        f"""SELECT o.id::text, o.status || ' since ' || s.at || ', its escrow has not been emptied'
            FROM orders o JOIN order_step s ON s.order_id = o.id AND s.version = o.version
            WHERE (o.status = 'delivered' OR (o.status = 'cancelled' AND o.captured_at IS NOT NULL))
              AND s.at < now() - {BOOKING_PATIENCE}""",  # noqa: S608
    ),
    Check(
        7,
        "partial refunds are booked",
        f"""SELECT id::text, 'asked for ' || requested_at || ', not booked yet' FROM refund
            WHERE booked_at IS NULL AND requested_at < now() - {BOOKING_PATIENCE}""",  # noqa: S608
    ),
    Check(
        9,
        "an order rests under its open problem, and no other",
        f"""SELECT coalesce(o.id, p.order_id)::text, 'order is ' || coalesce(o.status, 'not there') || ', rests: '
                || coalesce(o.under_problem::text, '-') || ', its problem is ' || coalesce(p.status, 'none')
            FROM (SELECT * FROM orders WHERE under_problem) o
            FULL JOIN (SELECT * FROM problem WHERE status IN ({_OPEN_PROBLEM})) p
                ON p.order_id = o.id AND p.id = o.problem_id
            WHERE o.id IS NULL OR p.id IS NULL""",  # noqa: S608
    ),
    Check(
        9,
        "nothing is settled under an open problem",
        f"""SELECT o.id::text, 'problem ' || p.status || ' since ' || p.opened_at || ', order is ' || o.status
                || ', held ' || p.held || ' of ' || o.amount || ' less ' || o.refunded
            FROM problem p JOIN orders o ON o.id = p.order_id
            WHERE p.status IN ({_OPEN_PROBLEM}) AND (
                o.status <> 'shipped' OR o.deadline IS NOT NULL OR p.held <> o.amount - o.refunded
                OR EXISTS (SELECT FROM order_step s WHERE s.order_id = o.id
                           AND s.status IN ('delivered', 'completed', 'refunded'))
                OR EXISTS (SELECT FROM refund r WHERE r.order_id = o.id AND r.requested_at > p.opened_at))""",  # noqa: S608
    ),
    Check(
        9,
        "a problem ends with one refund of what it says, and the order with it",
        """SELECT p.id::text, p.status || ' with ' || coalesce(p.amount::text, '-') || ', refunds: '
               || coalesce(sum(r.amount), 0) || ', order is ' || o.status
           FROM problem p JOIN orders o ON o.id = p.order_id
           LEFT JOIN refund r ON r.order_id = p.order_id AND r.by = 'problem'
           WHERE p.status = 'ended'
           GROUP BY p.id, o.id HAVING coalesce(sum(r.amount), 0) <> p.amount OR count(r.id) > 1
               OR o.status NOT IN ('delivered', 'completed', 'refunded')""",
    ),
    Check(
        9,
        "the steps lead to the problem, each was legal",
        f"""SELECT p.id::text, 'is ' || p.status || ' at version ' || p.version || ', steps: '
                || coalesce(string_agg(s.status, ' ' ORDER BY s.version), 'none')
            FROM problem p LEFT JOIN (
                SELECT *, lag(status) OVER (PARTITION BY problem_id ORDER BY version) AS before FROM problem_step
            ) s ON s.problem_id = p.id
            GROUP BY p.id HAVING count(s.version) <> p.version OR coalesce(max(s.version), 0) <> p.version
                OR (array_agg(s.status ORDER BY s.version DESC))[1] IS DISTINCT FROM p.status
                OR bool_or(s.before IS NOT NULL AND (s.before, s.status) NOT IN (VALUES {_LEGAL_PROBLEM}))""",  # noqa: S608
    ),
    Check(
        9,
        "no moderator decides twice",
        """SELECT problem_id::text, 'decided ' || count(*) || ' times by ' || actor_id FROM problem_step
           WHERE by = 'moderator' GROUP BY problem_id, actor_id HAVING count(*) > 1""",
    ),
    Check(
        7,
        "no problem waits past its deadline",
        f"""SELECT id::text, status || ' past ' || deadline FROM problem
            WHERE deadline < now() - {GRACE}""",  # noqa: S608
    ),
    Check(
        4,
        "an offer is bought by one purchase, open or paid",
        """SELECT f.id::text, f.status || coalesce(' by ' || f.purchase_id, '') || ', lines that buy it: '
               || coalesce(string_agg(b.purchase_id || ' ' || b.status, ', '), 'none')
           FROM offer f LEFT JOIN (
               SELECT l.offer_id, p.id AS purchase_id, p.status, p.buyer_id FROM order_line l
               JOIN orders o ON o.id = l.order_id JOIN purchase p ON p.id = o.purchase_id
               WHERE l.offer_id IS NOT NULL AND p.status IN ('placed', 'awaiting_payment', 'paid')
           ) AS b ON b.offer_id = f.id
           GROUP BY f.id HAVING count(b.purchase_id) <> (f.status = 'bought')::int
               OR bool_or(b.purchase_id <> f.purchase_id OR b.buyer_id <> f.buyer_id
                   OR (b.status = 'paid') <> (f.paid_at IS NOT NULL))""",
    ),
    Check(
        3,
        "lines with an offer cost what was agreed",
        """SELECT l.id::text, l.quantity || ' for ' || l.unit_price || ', agreed ' || f.quantity || ' for ' || f.price
           FROM order_line l JOIN offer f ON f.id = l.offer_id JOIN orders o ON o.id = l.order_id
           WHERE (l.unit_price, l.quantity, l.currency, l.listing_id, o.buyer_id, o.seller_id)
               <> (f.price, f.quantity, f.currency, f.listing_id, f.buyer_id, f.seller_id)""",
    ),
    Check(
        4,
        "the rounds lead to the offer",
        """SELECT f.id::text, f.status || ' at round ' || f.rounds || ' for ' || f.price || ', turn of ' || f.turn
               || ', rounds: ' || coalesce(string_agg(r.by || ' ' || r.price, ', ' ORDER BY r.number), 'none')
           FROM offer f LEFT JOIN offer_round r ON r.offer_id = f.id
           GROUP BY f.id HAVING count(r.number) <> f.rounds OR coalesce(max(r.number), 0) <> f.rounds
               OR (array_agg(r.price ORDER BY r.number DESC))[1] <> f.price
               OR (array_agg(r.by ORDER BY r.number DESC))[1] = f.turn""",
    ),
    Check(
        7,
        "no offer waits past its deadline",
        f"""SELECT id::text, status || ' past ' || deadline FROM offer
            WHERE status IN ('open', 'accepted') AND deadline < now() - {GRACE}""",  # noqa: S608
    ),
    Check(
        8,
        "threads have two sides and count their messages",
        """SELECT t.id::text, 'says ' || t.messages || ' messages, has ' || m.messages || ' up to ' || m.newest || '; '
               || s.sides || ' sides'
           FROM thread t CROSS JOIN LATERAL (
               SELECT count(*) AS messages, coalesce(max(number), 0) AS newest FROM message WHERE thread_id = t.id
           ) m CROSS JOIN LATERAL (
               SELECT count(*) AS sides, bool_and(s.last_at = t.last_at AND s.user_id =
                   CASE s.side WHEN 'buyer' THEN t.buyer_id ELSE t.seller_id END) AS right_ones
               FROM thread_side s WHERE s.thread_id = t.id
           ) s
           WHERE m.messages <> t.messages OR m.newest <> t.messages OR s.sides <> 2 OR NOT s.right_ones""",
    ),
    Check(
        8,
        "what is unread are the other side's messages",
        """SELECT s.thread_id::text, s.side || ' says ' || s.unread || ' after ' || s.seen_up_to || ', there are '
               || count(m.number)
           FROM thread_side s LEFT JOIN message m
               ON m.thread_id = s.thread_id AND m.by <> s.side AND m.number > s.seen_up_to
           GROUP BY s.thread_id, s.user_id HAVING count(m.number) <> s.unread""",
    ),
    Check(
        8,
        "a closed thread has its reason, and nothing was written after it",
        """SELECT t.id::text, 'closed ' || t.closed_at || ', last record: ' || coalesce(r.action, 'none')
               || ', last message ' || t.last_at
           FROM thread t LEFT JOIN LATERAL (
               SELECT action, reason FROM thread_record
               WHERE thread_id = t.id AND action IN ('closed', 'reopened') ORDER BY id DESC LIMIT 1
           ) r ON true
           WHERE t.closed_at IS NOT NULL
             AND (r.action IS DISTINCT FROM 'closed' OR r.reason IS NULL OR t.last_at > t.closed_at + interval '1 minute')""",
    ),
    Check(
        7,
        "nobody waits to be told of what they have not read",
        f"""SELECT thread_id::text, side || ' was to be told at ' || remind_at FROM thread_side
            WHERE remind_at < now() - {GRACE}""",  # noqa: S608
    ),
    Check(
        8,
        "buyers buy from others",
        "SELECT id::text, 'bought from oneself' FROM orders WHERE buyer_id = seller_id",
    ),
    Check(
        8,
        "buyers review what arrived",
        """SELECT r.id::text, 'of order ' || o.id || ', which is ' || o.status
           FROM review r JOIN orders o ON o.id = r.order_id
           WHERE r.buyer_id <> o.buyer_id OR r.seller_id <> o.seller_id
              OR NOT EXISTS (SELECT FROM order_step s WHERE s.order_id = o.id AND s.status = 'delivered')""",
    ),
    Check(
        8,
        "ratings are the sums of their reviews",
        """SELECT coalesce(g.seller_id, r.seller_id)::text, 'says ' || coalesce(g.stars, 0) || ' stars of '
               || coalesce(g.reviews, 0) || ' reviews, there are ' || coalesce(r.stars, 0) || ' of '
               || coalesce(r.reviews, 0)
           FROM seller_rating g FULL JOIN (
               SELECT seller_id, count(*) AS reviews, sum(stars) AS stars,
                   array_agg(stars ORDER BY stars) AS each
               FROM review WHERE removed_at IS NULL GROUP BY seller_id
           ) r ON r.seller_id = g.seller_id
           WHERE coalesce(g.reviews, 0) <> coalesce(r.reviews, 0) OR coalesce(g.stars, 0) <> coalesce(r.stars, 0)
              OR coalesce(r.each, '{}') <> array_fill(1, ARRAY[coalesce(g.ones, 0)])
                  || array_fill(2, ARRAY[coalesce(g.twos, 0)]) || array_fill(3, ARRAY[coalesce(g.threes, 0)])
                  || array_fill(4, ARRAY[coalesce(g.fours, 0)]) || array_fill(5, ARRAY[coalesce(g.fives, 0)])""",
    ),
    Check(
        8,
        "a removed review says why",
        """SELECT r.id::text, 'removed ' || coalesce(r.removed_at::text, 'never') || ', reason: '
               || coalesce(c.reason, 'none')
           FROM review r LEFT JOIN review_case c ON c.review_id = r.id
           WHERE (r.removed_at IS NULL) <> (c.reason IS NULL)
              OR (r.answer_removed_at IS NULL) <> (c.answer_reason IS NULL)""",
    ),
)

FACTS = (
    Fact(3, "order captured", "SELECT id::text, amount FROM orders WHERE captured_at IS NOT NULL"),
    Fact(3, "order settled", "SELECT id::text, to_seller + fee FROM orders WHERE status = 'completed'"),
    Fact(3, "order refunded", _given_back("true")),
    Fact(6, "order invoiced", "SELECT id::text, 1 FROM orders WHERE paid_at IS NOT NULL"),
    Fact(
        6,
        "order credited",
        "SELECT id::text, 1 FROM orders WHERE status = 'refunded' AND paid_at IS NOT NULL AND amount > refunded",
    ),
    Fact(6, "refund credited", "SELECT id::text, 1 FROM refund WHERE booked_at IS NOT NULL"),
    Fact(9, "postage captured", "SELECT id::text, postage FROM orders WHERE captured_at IS NOT NULL AND postage > 0"),
    Fact(9, "postage invoiced", "SELECT id::text, postage FROM orders WHERE paid_at IS NOT NULL AND postage > 0"),
    Fact(9, "postage credited", "SELECT id::text, postage FROM refund WHERE booked_at IS NOT NULL AND postage > 0"),
    Fact(8, "threads unread", "SELECT thread_id || ' ' || user_id, 1 FROM thread_side WHERE unread > 0"),
    Fact(6, "fee invoiced", "SELECT id::text, fee FROM orders WHERE fee > 0"),
    Fact(
        5,
        "units reserved",
        """SELECT p.id::text, sum(o.units) FROM purchase p JOIN orders o ON o.purchase_id = p.id
           WHERE p.status = 'awaiting_payment' GROUP BY p.id""",
    ),
    Fact(
        5,
        "units sold",
        """SELECT id::text, units FROM orders o WHERE paid_at IS NOT NULL
           AND NOT EXISTS (SELECT FROM order_step s WHERE s.order_id = o.id AND s.status = 'cancelled')""",
    ),
)
