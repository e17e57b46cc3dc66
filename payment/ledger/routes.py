"""Routes of the ledger."""

from litestar import get

from payment.ledger.proof import Prover
from souk.contracts.payment.ledger import Proof


@get("/proof", operation_id="getProof", tags=["Ledger"], summary="Proof of money")
async def get_proof(prover: Prover) -> Proof:
    """What was ever issued beside what wallets, escrow, fees and receivables hold now; open to everybody."""
    return await prover.proof()
