"""Public routes of sellers."""

from uuid import UUID

from litestar import get

from catalogue.sellers.sellers import get_seller
from souk.contracts.catalogue.listings import Seller
from souk.http import Kernel


@get("/sellers/{seller_id:uuid}", tags=["Sellers"], operation_id="getSeller", summary="One seller")
async def show_seller(kernel: Kernel, seller_id: UUID) -> Seller:
    """What a visitor may know of a seller, with the number of their listings on sale."""
    return await get_seller(kernel.database, seller_id)
