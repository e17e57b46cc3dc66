"""`Accept-Language`: how whoever sends a request reads."""

from litestar.params import ParameterKwarg

from souk.languages import DOCUMENT_LANGUAGES


def language_parameter(description: str) -> ParameterKwarg:
    """The header as a route's parameter; what was sent is read with `souk.languages.document_language`."""
    known = ", ".join(DOCUMENT_LANGUAGES)
    return ParameterKwarg(
        header="Accept-Language",
        description=f"{description} One of {known}, with a region for dates and numbers (de-AT); otherwise English.",
    )
