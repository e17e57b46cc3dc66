"""What runs in the drawing process. Importing this module is cheap: reportlab is loaded with the first document."""

import msgspec

from payment.invoices.document import Document


def draw(document: bytes) -> bytes:
    """The PDF of a stored document."""
    from payment.invoices.pdf import render  # noqa: PLC0415 - keeps reportlab and the fonts out of the main process

    return render(msgspec.json.decode(document, type=Document))
