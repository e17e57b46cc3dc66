"""What sellers' wallets have, and what the sellers owe, while a batch of transfers is being made.

A refund after the settlement takes what the seller's wallet has and books the rest as owed; the next settlements pay
that off before anything reaches the wallet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from payment.ledger import accounts
from payment.ledger.accounts import AccountSpec
from payment.ledger.ledger import NewEntry
from souk.database import Session


@dataclass(frozen=True, slots=True)
class Receivables:
    """Balances of locked accounts, in minor units, kept up as the batch grows."""

    balances: dict[UUID, int]
    frozen: frozenset[UUID]
    """Wallets from which nothing may be taken."""

    def earn(self, seller_id: UUID, currency: str, amount: int) -> tuple[int, Sequence[NewEntry]]:
        """Give to a seller, first towards what they owe; that part, and the entries."""
        wallet, debt = accounts.wallet(seller_id, currency), accounts.receivable(seller_id, currency)
        recovered = min(amount, -self.balances.get(debt.id, 0))
        return recovered, self._entries((wallet, amount - recovered), (debt, recovered))

    def charge(self, seller_id: UUID, currency: str, amount: int) -> tuple[int, Sequence[NewEntry]]:
        """Take from a seller what their wallet has, and book the rest as owed; what it had, and the entries."""
        wallet, debt = accounts.wallet(seller_id, currency), accounts.receivable(seller_id, currency)
        available = 0 if wallet.id in self.frozen else self.balances.get(wallet.id, 0)
        taken = min(amount, available)
        return taken, self._entries((wallet, -taken), (debt, taken - amount))

    def give(self, user_id: UUID, currency: str, amount: int) -> Sequence[NewEntry]:
        """Give to a user's wallet."""
        return self._entries((accounts.wallet(user_id, currency), amount))

    def _entries(self, *moves: tuple[AccountSpec, int]) -> Sequence[NewEntry]:
        for account, amount in moves:
            if account.id in self.balances:
                self.balances[account.id] += amount
        return [NewEntry(account.id, amount, account.currency) for account, amount in moves if amount]


async def lock(session: Session, touched: Sequence[AccountSpec]) -> Receivables:
    """Lock all accounts that the batch will touch, and read their balances; those not open count as empty."""
    locked = await accounts.lock_open(session, [account for account in touched if account.kind != "fees"])
    return Receivables(
        {account_id: account.balance for account_id, account in locked.items()},
        frozenset(account_id for account_id, account in locked.items() if account.status != "open"),
    )
