"""A small parser of Alloy's configuration language: blocks, attributes and expressions, as its documentation gives them."""

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_TOKENS = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<mark>[{}\[\]().,=+])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}


class NotAlloy(ValueError):
    """The text is no Alloy configuration."""


class Reference(NamedTuple):
    """What another component exports, e.g. `loki.write.loki.receiver`."""

    path: str


class Environment(NamedTuple):
    """`sys.env("NAME")`, perhaps after a text: what the container's environment says."""

    name: str
    before: str = ""


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


@dataclass
class Block:
    """A block: its dotted name, its label (empty for inner blocks), and what is in it."""

    name: str
    label: str
    attributes: dict[str, Any] = field(default_factory=dict)
    blocks: list["Block"] = field(default_factory=list)

    def walk(self) -> list["Block"]:
        """The block and all inside it."""
        return [self, *(deep for block in self.blocks for deep in block.walk())]


def parse(text: str) -> Block:
    """The whole file as one nameless block; raises NotAlloy."""
    parser = _Parser(_tokens(text))
    body = parser.body(Block("", ""))
    parser.expect("end")
    return body


def references(value: Any) -> list[str]:
    """All references inside a value."""
    if isinstance(value, Reference):
        return [value.path]
    inside = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return [path for item in inside for path in references(item)]


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while at < len(text):
        found = _TOKENS.match(text, at)
        if found is None:
            raise NotAlloy(f"line {text.count(chr(10), 0, at) + 1}: {text[at : at + 20]!r}")
        if found.lastgroup != "space":
            tokens.append(_Token(str(found.lastgroup), found.group(), text.count("\n", 0, at) + 1))
        at = found.end()
    return [*tokens, _Token("end", "", text.count("\n") + 2)]


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def next(self) -> _Token:
        return self._tokens[self._at]

    def expect(self, kind: str, text: str | None = None) -> _Token:
        token = self.next
        if token.kind != kind or (text is not None and token.text != text):
            raise NotAlloy(f"line {token.line}: {token.text!r} where {text or kind} should be")
        self._at += 1
        return token

    def taken(self, mark: str) -> bool:
        if self.next.kind == "mark" and self.next.text == mark:
            self._at += 1
            return True
        return False

    def body(self, block: Block) -> Block:
        """Statements, each on lines of its own."""
        while self.next.kind == "name":
            name = self._path()
            if self.taken("="):
                if "." in name or name in block.attributes:
                    raise NotAlloy(f"line {self.next.line}: {name} cannot be set")
                block.attributes[name] = self.value()
            else:
                label = self._string() if self.next.kind == "string" else ""
                self.expect("mark", "{")
                block.blocks.append(self.body(Block(name, label)))
                self.expect("mark", "}")
            if self._tokens[self._at - 1].line == self.next.line:
                raise NotAlloy(f"line {self.next.line}: a new line should begin before {self.next.text!r}")
        return block

    def value(self) -> Any:
        token = self.next
        if token.kind == "string":
            text = self._string()
            return self._environment(text) if self.taken("+") else text
        if token.kind == "number":
            self._at += 1
            return float(token.text)
        if self.taken("["):
            return self._list()
        if self.taken("{"):
            return self._object()
        if token.text == "sys":
            return self._environment()
        path = self._path()
        return {"true": True, "false": False, "null": None}.get(path, Reference(path))

    def _environment(self, before: str = "") -> Environment:
        """The only function in use."""
        at = self.next.line
        if self._path() != "sys.env":
            raise NotAlloy(f"line {at}: only sys.env is known here")
        self.expect("mark", "(")
        name = self._string()
        self.expect("mark", ")")
        return Environment(name, before)

    def _list(self) -> list[Any]:
        items = []
        while not self.taken("]"):
            items.append(self.value())
            if not self.taken(","):
                self.expect("mark", "]")
                break
        return items

    def _object(self) -> dict[str, Any]:
        items = {}
        while not self.taken("}"):
            key = self._string() if self.next.kind == "string" else self.expect("name").text
            self.expect("mark", "=")
            items[key] = self.value()
            if not self.taken(","):
                self.expect("mark", "}")
                break
        return items

    def _path(self) -> str:
        names = [self.expect("name").text]
        while self.taken("."):
            names.append(self.expect("name").text)
        return ".".join(names)

    def _string(self) -> str:
        inside = self.expect("string").text[1:-1]
        return re.sub(r"\\(.)", lambda found: _ESCAPES[found.group(1)], inside)
