"""What Litestar cannot see of a route, said for the API's document: bodies that are read as they come, files that are sent."""

from collections.abc import Callable
from dataclasses import dataclass

from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)


def takes(media_type: str, description: str) -> type[Operation]:
    """An operation whose body is text of this type; clients that know no such type send it as bytes."""

    def say(operation: Operation) -> None:
        content = {
            media_type: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING)),
            "application/octet-stream": OpenAPIMediaType(
                schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
            ),
        }
        operation.request_body = RequestBody(content=content, required=True, description=description)

    return _saying(say)


def sends(*media_types: str, description: str) -> type[Operation]:
    """An operation that answers with a file of one of these types."""

    def say(operation: Operation) -> None:
        schema = Schema(type=OpenAPIType.STRING)
        content = {media_type: OpenAPIMediaType(schema=schema) for media_type in media_types}
        operation.responses = {"200": OpenAPIResponse(description=description, content=content)}

    return _saying(say)


def _saying(say: Callable[[Operation], None]) -> type[Operation]:
    @dataclass
    class Said(Operation):
        def __post_init__(self) -> None:
            say(self)

    return Said
