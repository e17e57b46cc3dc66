"""The database itself refuses what would break the books, whoever asks and by whatever statement."""

import re
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from payment.audit import CHECKS
from payment.escrow.consumers import escrow_consumers
from payment.invoices.consumers import invoices_consumers
from payment.ledger import accounts
from payment.ledger.proof import roll_up
from payment.settings import PaymentSettings
from payment.wallets.pending import Settle
from souk.database import Database
from souk.database.embedded import EmbeddedServer
from souk.ids import new_id
from tests.laws import drift, law_files
from tests.payment.builders import book, cancelled, delivered, fund, handle, move, open_wallets, paid, payment
from tests.payment.conftest import Service, violations

NEW_TRANSFER = "INSERT INTO transfer VALUES (gen_random_uuid(), 'move', '', '', now()) RETURNING id"
ENTRIES = "INSERT INTO entry (transfer_id, account_id, amount, account_version, balance_after) VALUES "


async def connect(postgres: EmbeddedServer, database: Database, role: str) -> asyncpg.Connection:
    return await asyncpg.connect(user=role, database=database.engine.url.database, host=postgres.socket_dir)


@pytest.fixture(params=["souk_payment", "souk_payment_owner"])
def role(request: pytest.FixtureRequest) -> str:
    """The role that serves, and the one that owns the tables."""
    name: str = request.param
    return name


CHANGES = (
    "UPDATE transfer SET kind = 'gift'",
    "DELETE FROM transfer",
    "TRUNCATE transfer CASCADE",
    "UPDATE entry SET amount = amount + 1",
    "DELETE FROM entry",
    "TRUNCATE entry",
    "UPDATE decline SET reason = 'account_closed'",
    "DELETE FROM decline",
    "DELETE FROM account",
    "TRUNCATE account",
    "UPDATE invoice SET total = 0",
    "DELETE FROM issuance",
    "UPDATE block SET closed_at = now()",
    "DELETE FROM block",
    "TRUNCATE block",
    "UPDATE transfer SET position = DEFAULT",
    "INSERT INTO transfer OVERRIDING USER VALUE SELECT * FROM transfer ON CONFLICT (id) DO UPDATE SET kind = 'gift'",
    "INSERT INTO entry SELECT * FROM entry ON CONFLICT (transfer_id, account_id) DO UPDATE SET amount = 1",
)


async def test_what_is_booked_stays(postgres: EmbeddedServer, database: Database, role: str) -> None:
    await fund(database, new_id(), 100)
    connection = await connect(postgres, database, role)
    for statement in CHANGES:
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
            await connection.execute(statement)
    await connection.close()


WRONG_ENTRIES: Sequence[tuple[str, Sequence[tuple[str, int, int | None, int | None]]]] = (
    ("sum to zero", [("a", -10, 2, 90), ("b", 9, 1, 9)]),
    ("sum to zero", [("a", -10, 2, 90)]),
    ("sum to zero", [("a", -10, 2, 90), ("dollars", 10, 1, 10)]),
    ("known accounts", [("a", -10, 2, 90), ("nobody", 10, 1, 10)]),
    ("ck_account_covered", [("a", -101, 2, -1), ("b", 101, 1, 101)]),
    ("do not continue", [("a", -10, 3, 90), ("b", 10, 1, 10)]),
    ("do not continue", [("a", -10, 2, 95), ("b", 10, 1, 10)]),
    ("do not continue", [("a", -10, None, None), ("b", 10, 1, 10)]),
    ("do not continue", [("a", -10, 2, 90), ("fees", 10, 1, 10)]),
    ("ck_entry_amount", [("a", 0, 2, 100), ("b", 0, 1, 0)]),
)


async def test_wrong_entries_are_refused(postgres: EmbeddedServer, database: Database, role: str) -> None:
    anna, ben = new_id(), new_id()
    await fund(database, anna, 100)
    names = dict(zip("ab", await open_wallets(database, anna, ben), strict=True)) | {"nobody": new_id()}
    others = {"dollars": accounts.wallet(ben, "USD"), "fees": accounts.fees("EUR")}
    async with database.transaction() as session:
        await accounts.open_accounts(session, others.values())
    names |= {name: spec.id for name, spec in others.items()}
    connection = await connect(postgres, database, role)
    for why, rows in WRONG_ENTRIES:
        with pytest.raises(asyncpg.CheckViolationError, match=why):
            async with connection.transaction():
                transfer = await connection.fetchval(NEW_TRANSFER)
                values = [(transfer, names[name], *rest) for name, *rest in rows]
                placed = ", ".join(
                    f"('{t}', '{a}', {amount}, {'NULL' if version is None else version}, {'NULL' if after is None else after})"
                    for t, a, amount, version, after in values
                )
                await connection.execute(ENTRIES + placed)
    await connection.close()


async def test_nothing_is_added_to_a_transfer_that_is_closed(
    postgres: EmbeddedServer, database: Database, role: str
) -> None:
    anna, ben = new_id(), new_id()
    await fund(database, anna, 100)
    a, b, c, d = await open_wallets(database, anna, ben, new_id(), new_id())
    booked, refused = move(a, b, 50), move(c, d, 1)
    await book(database, booked, refused)
    await fund(database, new_id(), 1)
    connection = await connect(postgres, database, role)
    with pytest.raises(asyncpg.CheckViolationError, match="is closed"):
        await connection.execute(ENTRIES + f"('{refused.id}', '{a}', -1, 3, 49), ('{refused.id}', '{b}', 1, 2, 51)")
    async with database.transaction() as session:
        await accounts.open_accounts(session, [accounts.issuance("EUR"), accounts.fees("EUR")])
    with pytest.raises(asyncpg.CheckViolationError, match="is closed"):
        extra = (accounts.issuance("EUR").id, accounts.fees("EUR").id)
        await connection.execute(
            ENTRIES + f"('{booked.id}', '{extra[0]}', -1, NULL, NULL), ('{booked.id}', '{extra[1]}', 1, NULL, NULL)"
        )
    await connection.close()


BY_HAND = (
    "UPDATE account SET balance = 1000000",
    "UPDATE account SET balance = -1 WHERE kind = 'wallet'",
    "UPDATE account SET balance = balance + 1 WHERE kind = 'issuance'",
    "UPDATE account SET version = 0",
    "UPDATE account SET kind = 'issuance'",
    "UPDATE account SET currency = 'USD'",
    "INSERT INTO account (id, kind, currency, balance) VALUES (gen_random_uuid(), 'wallet', 'EUR', 5)",
    "INSERT INTO account (id, kind, currency, version) VALUES (gen_random_uuid(), 'wallet', 'EUR', 5)",
    "INSERT INTO account SELECT * FROM account ON CONFLICT (id) DO UPDATE SET balance = 5",
    "INSERT INTO unrolled SELECT gen_random_uuid(), id, 5 FROM account",
    "UPDATE unrolled SET amount = 5",
    "TRUNCATE unrolled",
)


async def test_nobody_writes_balances_by_hand(postgres: EmbeddedServer, database: Database, role: str) -> None:
    """So a cached balance cannot be but the sum of its entries."""
    await fund(database, new_id(), 100)
    connection = await connect(postgres, database, role)
    for statement in BY_HAND:
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
            await connection.execute(statement)
    await connection.close()


async def test_what_leaves_the_unrolled_is_in_the_balance(postgres: EmbeddedServer, database: Database) -> None:
    await fund(database, new_id(), 100)
    connection = await connect(postgres, database, "souk_payment")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM unrolled")
    await connection.close()
    connection = await connect(postgres, database, "souk_payment_owner")
    await connection.execute("DELETE FROM unrolled")
    assert await connection.fetchval("SELECT balance FROM account WHERE kind = 'issuance'") == -100
    await connection.close()


async def test_a_balance_below_zero_is_refused_though_all_triggers_are_off(
    postgres: EmbeddedServer, database: Database
) -> None:
    await fund(database, new_id(), 100)
    connection = await connect(postgres, database, "postgres")
    await connection.execute("SET session_replication_role = replica")
    with pytest.raises(asyncpg.CheckViolationError, match="ck_account_covered"):
        await connection.execute("UPDATE account SET balance = -1 WHERE kind = 'wallet'")
    await connection.close()


async def test_entries_of_no_transfer_are_refused(postgres: EmbeddedServer, database: Database, role: str) -> None:
    anna, ben = new_id(), new_id()
    await fund(database, anna, 100)
    a, b = await open_wallets(database, anna, ben)
    connection = await connect(postgres, database, role)
    with pytest.raises(asyncpg.CheckViolationError, match="never made"):
        nothing = new_id()
        await connection.execute(ENTRIES + f"('{nothing}', '{a}', -1, 2, 99), ('{nothing}', '{b}', 1, 1, 1)")
    await connection.close()


async def test_entries_by_hand_that_keep_the_law_are_booked(postgres: EmbeddedServer, database: Database) -> None:
    anna, ben = new_id(), new_id()
    await fund(database, anna, 100)
    a, b = await open_wallets(database, anna, ben)
    connection = await connect(postgres, database, "souk_payment")
    async with connection.transaction():
        transfer = await connection.fetchval(NEW_TRANSFER)
        await connection.execute(ENTRIES + f"('{transfer}', '{a}', -10, 2, 90), ('{transfer}', '{b}', 10, 1, 10)")
    assert await connection.fetchval("SELECT balance FROM account WHERE id = $1", a) == 90
    await connection.close()
    [answer] = await book(database, move(a, b, 90))
    assert answer.accepted


TAMPERINGS = {
    "each transfer sums to zero": "UPDATE entry SET amount = amount + 1 WHERE transfer_id = {settlement}",
    "what waits lies in its account, once": "UPDATE waiting_transfer SET amount = amount - 1 WHERE status = 'waiting'",
    "what waited went where it is noted": "UPDATE waiting_transfer SET amount = amount - 1 WHERE status = 'returned'",
    "nothing waits past its time": "UPDATE waiting_transfer SET returns_at = now() - interval '2 hours'",
    "all entries sum to zero": "UPDATE entry SET amount = amount + 1 WHERE account_version IS NULL",
    "each transfer is booked or declined": "INSERT INTO transfer VALUES (gen_random_uuid(), 'move', '', '', now())",
    "issued money is what everybody has": "UPDATE account SET balance = balance + 1 WHERE kind = 'wallet'",
    "cached balance is the sum of entries": "UPDATE account SET balance = balance + 1 WHERE kind = 'fees'",
    "cached version counts the entries": "UPDATE account SET version = version + 1 WHERE kind = 'fees'",
    "versions run from 1 without gaps": "UPDATE entry SET account_version = account_version + 1 WHERE amount < 0",
    "times on an account never fall": "UPDATE transfer SET created_at = created_at - interval '1 day' WHERE id = {settlement}",
    "each account knows its last time": "UPDATE account SET last_at = last_at + interval '1 second' WHERE version > 0",
    "each balance follows from the one before": "UPDATE entry SET balance_after = balance_after + 1 WHERE amount < 0",
    "no wallet and no escrow below zero": "UPDATE entry SET balance_after = -1 WHERE account_version = 1",
    "unrolled entries are entries": "INSERT INTO unrolled SELECT gen_random_uuid(), id, 5 FROM account LIMIT 1",
    "escrow in = settled + refunded + held": "UPDATE transfer SET kind = 'gift' WHERE id = {settlement}",
    "refunds at most what was captured": "UPDATE entry SET amount = amount + 1 WHERE transfer_id = {refund} AND amount > 0",
    "escrow says what the entries say": "UPDATE escrow SET amount = amount + 1, settled = settled + 1 WHERE settled > 0",
    "refunds are booked as they are noted": "UPDATE transfer SET kind = 'gift' WHERE id = {refund}",
    "refunds after the settlement are counted, with the fee in proportion": "UPDATE escrow SET returned = 1 WHERE settled > 0",
    "the settled fee is what the entries say": "UPDATE escrow SET fee = fee + 1 WHERE settled > 0",
    "what sellers owe is refunds less recoveries, and nobody is owed": "INSERT INTO account (id, owner, kind, currency, balance)"
    " VALUES (gen_random_uuid(), gen_random_uuid(), 'receivable', 'EUR', -5)",
    "wallets are as admins decided": "INSERT INTO wallet_change SELECT gen_random_uuid(), owner, 'frozen', 'x', owner, now()"
    " FROM account WHERE kind = 'wallet'",
    "money sent between users as recorded": "UPDATE transfer SET kind = 'transfer' WHERE id = {settlement}",
    "a captured purchase has a transfer, another has none": "UPDATE capture SET outcome = 'expired'",
    "one capture per purchase": "UPDATE transfer SET kind = 'capture', reference = {purchase} WHERE id = {settlement}",
    "one capture, one settlement per order": "UPDATE transfer SET kind = 'settlement' WHERE kind = 'capture'",
    "money issued as recorded": "UPDATE issuance SET amount = amount + 1",
    "numbers run from 1 without gaps": "UPDATE invoice SET position = 7 WHERE position = 2",
    "dates within a series never fall": "UPDATE invoice SET issued_on = issued_on - position::int",
    "each series ends where its counter stands": "UPDATE series SET last_position = 9",
    "documents are as they were issued": "UPDATE invoice SET document = replace(document, 'camera', 'laptop')",
    "documents and PDFs have the hashes that were sealed": "UPDATE invoice SET document_hash = repeat('0', 64)",
    "each credit note corrects its order's invoice": "UPDATE invoice SET corrects = 'INV-X-1' WHERE kind = 'credit_note'",
    "credit notes give back what was refunded": "UPDATE invoice SET refund_id = gen_random_uuid() WHERE kind = 'credit_note'",
    "credit notes give back at most what was invoiced": "UPDATE invoice SET total = total + 1 WHERE kind = 'credit_note'",
    "each invoice bills what was captured, or kept as the fee": "UPDATE invoice SET total = 1 WHERE kind = 'invoice'",
}


def test_every_check_is_shown_to_catch_something() -> None:
    assert TAMPERINGS.keys() == {check.name for check in CHECKS}


async def _one_came_back_and_one_waits(service: Service, database: Database, sender: UUID) -> None:
    """Two transfers to addresses that nobody proved, one of which is over."""
    for number in range(2):
        body = {"email": f"{number}@example.org", "amount": {"amount": 5, "currency": "EUR"}}
        headers = {"idempotency-key": str(new_id())}
        assert (await service.ask("POST", "/wallet/transfers", sender, headers=headers, json=body)).status_code == 201
        if number == 0:
            async with database.transaction() as session:
                await session.execute(text("UPDATE waiting_transfer SET due_at = sent_at, returns_at = sent_at"))
                assert (await Settle(service.kernel.clock)(session))[0] == 1


async def test_tampering_is_found(postgres: EmbeddedServer, service: Service, database: Database) -> None:
    """A superuser who switches the triggers off can change rows; the audit tells."""
    buyer, seller = new_id(), new_id()
    await fund(database, buyer, 1000)
    request = payment(buyer, [(seller, 300), (seller, 200)])
    consumers = [
        *escrow_consumers(service.kernel, PaymentSettings()),
        *invoices_consumers(service.kernel, PaymentSettings()),
    ]
    for name, event in (
        ("payment.captures", request),
        ("payment.invoices", paid(request, 0)),
        ("payment.invoices", paid(request, 1)),
        ("payment.settlements", delivered(request, 0)),
        ("payment.refunds", cancelled(request, 1)),
        ("payment.invoices", cancelled(request, 1)),
    ):
        assert await handle(database, consumers, name, event) == ["done"]
    await _one_came_back_and_one_waits(service, database, buyer)
    async with database.transaction() as session:
        assert await roll_up(session) == 2
        ids = dict((await session.execute(text("SELECT kind, id FROM transfer WHERE kind <> 'issuance'"))).all())
    assert await violations(database) == []
    database.tampered = True  # type: ignore[attr-defined] - the fixture need not look any more
    connection = await connect(postgres, database, "postgres")
    named = {kind: f"'{transfer_id}'" for kind, transfer_id in ids.items()} | {"purchase": f"'{request.purchase_id}'"}
    for check in CHECKS:
        attempt = connection.transaction()
        await attempt.start()
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute("ALTER TABLE entry DROP CONSTRAINT uq_entry_account_id_account_version")
        done = await connection.execute(TAMPERINGS[check.name].format(**named))
        assert not re.search(r" 0$", done), f"{check.name}: nothing was tampered with"
        found = await connection.fetch(check.sql)
        assert found, f"{check.name} did not notice"
        assert all(isinstance(row[0], str) and isinstance(row[1], str) for row in found)
        await attempt.rollback()
    await connection.close()


async def test_the_laws_in_force_are_those_of_the_files(postgres: EmbeddedServer) -> None:
    assert await drift(postgres, "payment", law_files("payment")) == []


DRIFTS = {
    "CREATE FUNCTION unheard() RETURNS int LANGUAGE sql RETURN 1": "function unheard() is in force, and in no file",
    "CREATE FUNCTION roll_up() RETURNS int LANGUAGE sql RETURN 1": "function roll_up() is in force, and in no file",
    "DROP FUNCTION version_at": "function version_at(uuid,timestamp with time zone) is in a file, and no migration makes it",
    "ALTER FUNCTION count_in SECURITY INVOKER": "function count_in() is not what its file says",
    "DROP TRIGGER sealed ON invoice": "trigger sealed on invoice is in a file, and no migration makes it",
    "ALTER TABLE entry DISABLE TRIGGER book": "trigger book on entry is not what its file says",
    "CREATE TRIGGER kept BEFORE DELETE ON party EXECUTE FUNCTION refuse_change()": (
        "trigger kept on party is in force, and in no file"
    ),
}


@pytest.mark.parametrize(("changed", "told"), DRIFTS.items())
async def test_a_database_that_differs_from_the_files_is_noticed(
    postgres: EmbeddedServer, changed: str, told: str
) -> None:
    [fault] = await drift(postgres, "payment", law_files("payment"), after=changed)
    assert fault.startswith(told)


async def test_a_file_is_named_after_the_one_function_that_it_holds(postgres: EmbeddedServer, tmp_path: Path) -> None:
    """And what cannot be applied is no law."""
    files = {path.stem: path for path in law_files("payment")}
    misnamed = tmp_path / "count.sql"
    misnamed.write_text(files.pop("count_in").read_text())
    broken = tmp_path / "broken.sql"
    broken.write_text("CREATE FUNCTION broken() RETURNS nothing LANGUAGE sql RETURN 1")
    assert await drift(postgres, "payment", [*files.values(), misnamed, broken]) == [
        "count.sql holds the function count_in()",
        "count.sql holds the trigger counted_in on unrolled",
        'broken.sql cannot be applied: type "nothing" does not exist',
    ]
