"""Routes of legal profiles."""

from typing import Annotated

from litestar import Controller, get, put

from payment.parties import profiles
from souk.contracts.payment.invoices import LegalProfile
from souk.database import ReadSession, Session
from souk.http import Identity, Kernel
from souk.http.languages import language_parameter
from souk.languages import document_language


class LegalProfileRoutes(Controller):
    """Who the caller is on documents."""

    path = "/me/legal-profile"
    tags = ("Invoices",)

    @get(operation_id="getLegalProfile", summary="Who you are on documents")
    async def show(self, identity: Identity, reader: ReadSession) -> LegalProfile:
        """Answers 404 before you have said so; documents then name you as your account does, as a private person."""
        return await profiles.get(reader, identity.user())

    @put(operation_id="putLegalProfile", summary="Say who you are on documents")
    async def save(
        self,
        identity: Identity,
        session: Session,
        kernel: Kernel,
        data: LegalProfile,
        accept_language: Annotated[
            str,
            language_parameter(
                "The language of documents that the marketplace gives you, such as its invoices of fees."
            ),
        ] = "",
    ) -> LegalProfile:
        """Holds for documents that are issued from now on; those that were issued stay as they are."""
        language = document_language(accept_language)
        return await profiles.put(session, identity.user(), data, language, kernel.clock.now())
