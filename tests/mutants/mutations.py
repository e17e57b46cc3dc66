"""Ways to break the money and the accounts: each takes one safeguard away, and names the tests that must notice."""

from dataclasses import dataclass

CHAIN = "payment/migrations/versions/0002_chain.py"
TIMES = "payment/migrations/versions/0006_times.py"
"""Where the functions that post and book are as they are in force."""
AGREED = "tests/store/test_agreed_prices.py"
BUYING_NOW = "tests/store/test_buying_now.py"
BLOCKS = "tests/payment/ledger/test_blocks.py"
GROUPING = "tests/payment/ledger/test_grouping.py"
LAWS = "tests/payment/ledger/test_laws.py"
TIMES_TESTS = "tests/payment/ledger/test_times.py"
POSTING = "tests/payment/ledger/test_posting.py"
PROBLEMS = "tests/store/test_problems.py"
MESSAGES = "tests/store/messages/test_messages.py"
SAFEGUARDS = "tests/entrypoint/pages/test_safeguards.py"


@dataclass(frozen=True)
class Mutation:
    """One change of the code. `old` must stand in the file exactly once."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTATIONS = (
    Mutation(
        "an event is handled however often it comes",
        "souk/events/recording.py",
        "        if row.handled < len(self.handled):",
        "        if False:",
        ("tests/souk/events/test_inbox.py",),
    ),
    Mutation(
        "accounts are locked in any order",
        TIMES,
        "ORDER BY u.id) u CROSS JOIN LATERAL",
        "ORDER BY md5(u.id::text || ids[1]::text)) u CROSS JOIN LATERAL",
        (f"{POSTING} -k deadlock", f"{GROUPING} -k deadlock"),
    ),
    Mutation(
        "a transfer need not sum to zero",
        TIMES,
        "HAVING sum(n.amount) <> 0 OR n.currency IS NULL",
        "HAVING n.currency IS NULL",
        (f"{LAWS} -k wrong_entries",),
    ),
    Mutation(
        "entries may be added to a closed transfer",
        TIMES,
        "WHERE n.entries <> (SELECT count(*) FROM entry e WHERE e.transfer_id = n.transfer_id)",
        "WHERE false",
        (f"{LAWS} -k closed",),
    ),
    Mutation(
        "entries may be of no transfer",
        TIMES,
        "OR (SELECT count(*) FROM transfer t WHERE t.id = n.transfer_id) = 0",
        "",
        (f"{LAWS} -k no_transfer",),
    ),
    Mutation(
        "an entry may tell any balance",
        TIMES,
        "OR n.balance_after IS DISTINCT FROM CASE WHEN NOT n.rolled_up THEN n.balance END LIMIT 1",
        "LIMIT 1",
        (f"{LAWS} -k wrong_entries",),
    ),
    Mutation(
        "the database books an entry before the account's last one",
        TIMES,
        "SELECT n.account_id FROM n WHERE n.created_at < n.last_at AND NOT n.rolled_up LIMIT 1",
        "SELECT n.account_id FROM n WHERE false LIMIT 1",
        (f"{TIMES_TESTS} -k refuses",),
    ),
    Mutation(
        "a batch leaves the time to the last account that it touched",
        TIMES,
        "greatest(booked_at, (SELECT max(lasts[s]) FROM unnest(asked.slots) AS s))",
        "greatest(booked_at, lasts[asked.slots[1]])",
        (f"{TIMES_TESTS} -k differ",),
    ),
    Mutation(
        "documents are dated by the clock alone",
        "payment/invoices/numbering.py",
        "issued_at = max([now, *floors])",
        "issued_at = max([now, *floors][:1])",
        ("tests/payment/invoices/test_issuing.py -k never_fall",),
    ),
    Mutation(
        "what is booked may be changed",
        "payment/migrations/versions/0001_payment.py",
        "    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';",
        "    RETURN NULL;",
        (f"{LAWS} -k stays",),
    ),
    Mutation(
        "the owner writes balances",
        TIMES,
        "BEFORE UPDATE OF id, owner, kind, currency, balance, version, last_at, ordered_from ON account",
        "BEFORE UPDATE OF opened_at ON account",
        (f"{LAWS} -k by_hand",),
    ),
    Mutation(
        "the same id for another request is a duplicate",
        "payment/ledger/ledger.py",
        "if row.known and not row.same_request:",
        "if False:",
        (f"{POSTING} -k conflict",),
    ),
    Mutation(
        "an id that came twice in a batch is booked twice",
        TIMES,
        "array_agg(p.nth = 1 AND p.id = ANY (claimed) ORDER BY p.pos)",
        "array_agg(p.id = ANY (claimed) ORDER BY p.pos)",
        (f"{POSTING} -k same",),
    ),
    Mutation(
        "a batch does not look whether it overdraws",
        TIMES,
        "e.fit IS NOT TRUE OR (e.must_cover AND e.balance < 0)",
        "e.fit IS NOT TRUE",
        (f"{POSTING} -k third_of_five",),
    ),
    Mutation(
        "a batch with a decline forgets what it booked before",
        TIMES,
        "balances[slots[asked.entries[i]]] + entry_amounts[asked.entries[i]];",
        "balances[slots[asked.entries[i]]];",
        (f"{POSTING} -k third_of_five",),
    ),
    Mutation(
        "a frozen wallet gives",
        TIMES,
        "a.status = 'open' OR (a.status = 'frozen' AND u.amount > 0)",
        "a.status <> 'closed'",
        (f"{POSTING} -k frozen_wallet",),
    ),
    Mutation(
        "a roll-up counts twice",
        CHAIN,
        "SET balance = account.balance + summed.total",
        "SET balance = account.balance + 2 * summed.total",
        (f"{LAWS} -k unrolled",),
    ),
    Mutation(
        "a roll-up leaves what it counted",
        CHAIN,
        "        SELECT u.transfer_id, u.account_id FROM unrolled u LIMIT entries_max\n    );",
        "        SELECT u.transfer_id, u.account_id FROM unrolled u LIMIT 0\n    );",
        ("tests/payment/escrow/test_escrow.py -k roll_up",),
    ),
    Mutation(
        "a fee is rounded down",
        "souk/money.py",
        "ROUND_HALF_UP))",
        "ROUND_DOWN := 'ROUND_DOWN'))",
        ("tests/payment/escrow/test_escrow.py -k fee",),
    ),
    Mutation(
        "an invoice number is taken without a lock",
        "payment/invoices/numbering.py",
        "ORDER BY seller_id FOR UPDATE",
        "ORDER BY seller_id",
        ("tests/payment/invoices/test_issuing.py -k gaps",),
    ),
    Mutation(
        "a purchase is captured each time it is asked for",
        "payment/escrow/captures.py",
        "return [request for key, request in asked.items() if key in new]",
        "return list(asked.values())",
        ("tests/payment/escrow/test_escrow.py -k twice",),
    ),
    Mutation(
        "a checkout does not look whether the agreed price still holds",
        "store/offers/buying.py",
        "if held != terms:",
        "if held and held != terms:",
        (f"{AGREED} -k gone_between",),
    ),
    Mutation(
        "an unpaid purchase keeps its offer",
        "store/purchases/saga.py",
        "        over = await buying.release(session, ids, at)\n",
        "        over: list[Sequenced] = []\n",
        (f"{AGREED} -k gives_the_offer_back",),
    ),
    Mutation(
        "what was bought by itself leaves the cart too",
        "store/purchases/saga.py",
        "of_carts = [purchase for purchase in paid if purchase.listing_id is None]",
        "of_carts = list(paid)",
        (f"{BUYING_NOW} -k stays_as",),
    ),
    Mutation(
        "what is bought by itself costs what it costs, whatever was agreed to",
        "store/purchases/purchases.py",
        "            check_sum(priced.cart, draft.total)\n",
        "            pass\n",
        (f"{BUYING_NOW} -k quote",),
    ),
    Mutation(
        "the second of two purchases at once is an error of ours",
        "store/purchases/placing.py",
        "from_select(list(_PURCHASE), values).on_conflict_do_nothing()",
        "from_select(list(_PURCHASE), values)",
        (f"{BUYING_NOW} -k one_purchase_at_a_time",),
    ),
    Mutation(
        "a cart that changes while it is paid is bought as it was",
        "store/purchases/placing.py",
        'CartRow.version == bindparam("cart_version", type_=BigInteger())',
        'CartRow.version >= bindparam("cart_version", type_=BigInteger())',
        ("tests/store/test_purchases.py -k second_click",),
    ),
    Mutation(
        "a token that was revoked is good as long as it is remembered",
        "entrypoint/sessions/remembered.py",
        "    session.after_commit(partial(_forget_here, user_id))\n",
        "",
        ("tests/entrypoint/test_remembered_tokens.py -k at_once",),
    ),
    Mutation(
        "a key stands for any item",
        "store/purchases/purchases.py",
        "(address, wanted.total, billing, wanted.item)",
        "(address, wanted.total, billing)",
        (f"{BUYING_NOW} -k stands_for_one_item",),
    ),
    Mutation(
        "an agreed price may be nothing",
        "catalogue/reservations/reservations.py",
        "line.unit_price.currency == asked.currency and line.unit_price.amount > 0",
        "line.unit_price.currency == asked.currency",
        ("tests/catalogue/reservations/test_decide.py -k agreed",),
    ),
    Mutation(
        "who fails takes the group along",
        "payment/ledger/grouping.py",
        "if len(group) > 1 and isinstance(outcomes[0], _Failed):",
        "if False:",
        (f"{GROUPING} -k breaks",),
    ),
    Mutation(
        "a limit does not see the neighbour",
        "payment/ledger/grouping.py",
        "if name in counted:",
        "if False:",
        (f"{GROUPING} -k limit", "tests/payment/wallets -k limit"),
    ),
    Mutation(
        "limits are looked at before the lock",
        "payment/ledger/grouping.py",
        "        await lock_accounts(session, requests)\n",
        "",
        (f"{GROUPING} -k limits_hold",),
    ),
    Mutation(
        "what was answered is checked again",
        "payment/ledger/grouping.py",
        "and waiting.posting.request.id not in known:",
        "and known is not None:",
        (f"{GROUPING} -k second_try",),
    ),
    Mutation(
        "a block does not wait for who is slow",
        "payment/ledger/blocks.py",
        "if self._fence and oldest >= self._fence[1] else None",
        "if self._fence else None",
        (f"{BLOCKS} -k waits",),
    ),
    Mutation(
        "a block takes what is done for what is running",
        "payment/ledger/blocks.py",
        "SELECT pg_current_xact_id()::text::bigint",
        "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint",
        (f"{BLOCKS} -k ran_before",),
    ),
    Mutation(
        "a position is taken before the transaction has its number",
        CHAIN,
        "    PERFORM pg_current_xact_id();",
        "    PERFORM 1;",
        (f"{BLOCKS} -k waits",),
    ),
    Mutation(
        "a block's hash leaves the balance out",
        "payment/ledger/blocks.py",
        "json_build_array(e.account_id, e.amount, e.account_version, e.balance_after)",
        "json_build_array(e.account_id, e.amount, e.account_version)",
        (f"{BLOCKS} -k found",),
    ),
    Mutation(
        "a block's hash leaves the declines out",
        "payment/ledger/blocks.py",
        "(SELECT json_build_array(d.reason, d.account_id, d.missing) FROM decline d WHERE d.transfer_id = t.id)",
        "NULL",
        (f"{BLOCKS} -k found",),
    ),
    Mutation(
        "a hash that somebody kept is not compared",
        "payment/ledger/blocks.py",
        "if why is None and expected.pop(block.number, block.hash.hex()) != block.hash.hex():",
        "if expected.pop(block.number, None) is False:",
        (f"{BLOCKS} -k kept",),
    ),
    Mutation(
        "a token between services holds for ever once it was seen",
        "souk/http/identity.py",
        "if seen.audience == self._audience and now < seen.expires_at:",
        "if seen.audience == self._audience:",
        ("tests/souk/http/test_identity.py -k remembered",),
    ),
    Mutation(
        "moderators are let into the operators' pages",
        "entrypoint/pages/admin/admins.py",
        'if user is None or "admin" not in user.roles:',
        "if user is None or not user.roles:",
        (f"{SAFEGUARDS} -k moderators",),
    ),
    Mutation(
        "an admin ends nobody's sessions",
        "entrypoint/pages/admin/users.py",
        "        await end_access(session, user_id, keep=member.user.session_id)\n",
        "",
        (f"{SAFEGUARDS} -k sessions",),
    ),
    Mutation(
        "what an admin did is not in the log",
        "entrypoint/pages/admin/users.py",
        '    note(member, "end sessions", reason, about_user_id=str(user_id))\n',
        "",
        (f"{SAFEGUARDS} -k sessions",),
    ),
    Mutation(
        "the old password can be guessed at its change",
        "entrypoint/context/sign_in.py",
        '    await parts.limits.hit((parts.rules.login, f"{email_key(user.email)} {client_address(connection)}"))\n    database',
        "    database",
        (f"{SAFEGUARDS} -k guessing",),
    ),
    Mutation(
        "tokens are kept as they are",
        "entrypoint/sessions/sessions.py",
        "return hashlib.sha256(token.encode()).digest()",
        "return token.encode()",
        (f"{SAFEGUARDS} -k table",),
    ),
    Mutation(
        "blanks around a password are lost",
        "entrypoint/pages/account/login.py",
        'password: Annotated[str, RAW, Label(N_("Password"))]',
        'password: Annotated[str, Label(N_("Password"))]',
        (f"{SAFEGUARDS} -k letter",),
    ),
    Mutation(
        "visitors may send large forms",
        "entrypoint/context/csrf.py",
        'if handler.opt.get("members_only"):',
        "if False:",
        (f"{SAFEGUARDS} -k visitors",),
    ),
    Mutation(
        "anybody reads a thread",
        "store/messages/views.py",
        """    return "seller" if user_id == thread.seller_id else None


async def shown(session: AnySession, threads""",
        """    return "seller"


async def shown(session: AnySession, threads""",
        (f"{MESSAGES} -k nobody_else",),
    ),
    Mutation(
        "who is blocked writes on",
        "store/messages/messages.py",
        "check_not_blocked(await statements.blockers(session, about.buyer_id, about.seller_id), about.writer_id)",
        "check_not_blocked([], about.writer_id)",
        (f"{MESSAGES} -k blocked",),
    ),
    Mutation(
        "a message sent again is another one",
        "store/messages/messages.py",
        "        if earlier is not None:\n            return earlier, []\n",
        "",
        (f"{MESSAGES} -k under_its_key",),
    ),
    Mutation(
        "a closed thread takes messages",
        "store/messages/messages.py",
        "if thread is not None and thread.closed_at is not None:",
        "if thread is None and about.side == 'seller':",
        ("tests/store/messages/test_moderating.py -k closed_thread",),
    ),
    Mutation(
        "an order goes on under its problem",
        "store/orders/status_updates.py",
        "            which = Which((*which.where, _NOT_FROZEN), which.given)",
        "            pass",
        (f"{PROBLEMS} -k stops_the_orders_clock",),
    ),
    Mutation(
        "who decided decides the appeal",
        "store/problems/rules.py",
        'return ("moderator",) if moderator_id == problem.decided_by else ("moderator", "another_moderator")',
        'return ("moderator", "another_moderator")',
        (f"{PROBLEMS} -k another_moderator",),
    ),
    Mutation(
        "a problem's end is asked for twice",
        "store/problems/ending.py",
        "news = [await note_refund(session, order, parts, problem.amount - goods, asked)]",
        "news = [await note_refund(session, order, parts, problem.amount - goods, asked)] * 2",
        (f"{PROBLEMS} -k agree_on_a_part",),
    ),
    Mutation(
        "postage is left out of what goes into escrow",
        "store/purchases/placing.py",
        '        "amount": sum(line["total"] for line in lines) + postage,',
        '        "amount": sum(line["total"] for line in lines),',
        ("tests/store/test_postage.py -k two_sellers",),
    ),
    Mutation(
        "postage is free only above the sum that it is free from",
        "souk/postage.py",
        "goods >= rate.free_from.amount",
        "goods > rate.free_from.amount",
        ("tests/souk/test_postage.py -k by_example", "tests/store/test_postage.py -k free_from"),
    ),
)
