"""A form of a page, as somebody fills it in and a browser sends it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, NamedTuple, Self

from selectolax.lexbor import LexborNode

TOKEN = "csrf_token"
"""The field by which a form shows that it came from a page of ours."""

Fields = Mapping[str, str | Iterable[str]]
"""What somebody fills in: a value per field, or several; of what can be chosen, what is chosen then."""


class Upload(NamedTuple):
    """A file that is chosen in a form."""

    name: str
    content: bytes
    kind: str = "image/png"


@dataclass
class Form:
    """A form with one of its buttons, as it would be sent: what its fields have, and what is filled in."""

    node: LexborNode
    button: LexborNode | None
    controls: list[LexborNode]
    filled: dict[str, list[str]] = field(default_factory=dict)
    uploads: dict[str, list[Upload]] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """Where it goes; empty if to the page's own address."""
        of_button = self.button.attributes.get("formaction") if self.button is not None else None
        return of_button or self.node.attributes.get("action") or ""

    @property
    def posts(self) -> bool:
        """Whether it changes something, or is a question."""
        return (self.node.attributes.get("method") or "get").lower() == "post"

    @property
    def with_files(self) -> bool:
        """Whether it is sent in parts."""
        return self.node.attributes.get("enctype") == "multipart/form-data"

    def __getitem__(self, name: str) -> str:
        """The value that a field has."""
        values = self.all(name)
        assert values, f"{name} has no value; the form's fields: {sorted(self.names)}"
        return values[0]

    def all(self, name: str) -> list[str]:
        """All values under a name."""
        return [value for key, value in self.sent() if key == name and isinstance(value, str)]

    @property
    def names(self) -> set[str]:
        """Of the fields there are."""
        return {str(control.attributes["name"]) for control in self.controls}

    @property
    def values(self) -> dict[str, str]:
        """What it would send besides its token, the last of each name."""
        return {name: value for name, value in self.sent() if name != TOKEN and isinstance(value, str)}

    def fill(self, fields: Fields, files: Iterable[tuple[str, Upload]] = ()) -> Self:
        """Fill in these fields; a field that is not there, or a choice that is not offered, fails the test."""
        for name, given in fields.items():
            values = [given] if isinstance(given, str) else list(given)
            there = [control for control in self.controls if control.attributes["name"] == name]
            assert there, f"no field {name}; there are {sorted(self.names)}"
            assert all(_kind(control) != "file" for control in there), f"{name} takes files"
            choices = [choice for control in there for choice in _choices(control)]
            typed = [control for control in there if not _choices(control)]
            assert choices or len(values) <= len(typed), f"{name} has room for {len(typed)}, not for {values}"
            unknown = [value for value in values if value not in choices]
            assert len(unknown) <= len(typed), f"{name} offers {choices}, not {unknown}"
            hidden = [_value(one) for one in typed if _kind(one) == "hidden"]
            assert not hidden or not unknown or unknown == hidden, f"{name} is hidden: nobody types it"
            self.filled[name] = values
        for name, upload in files:
            assert name in self.names, f"no field {name}; there are {sorted(self.names)}"
            self.uploads.setdefault(name, []).append(Upload(*upload))
        return self

    def sent(self) -> list[tuple[str, str | Upload]]:
        """What a browser sends of it, in the order of the page."""
        left = {name: list(values) for name, values in self.filled.items()}
        return [(str(one.attributes["name"]), value) for one in self.controls for value in self._of(one, left)]

    def _of(self, control: LexborNode, left: dict[str, list[str]]) -> list[Any]:
        name, kind, choices = str(control.attributes["name"]), _kind(control), _choices(control)
        if kind == "file":
            return list(self.uploads.get(name, [Upload("", b"", "application/octet-stream")]))
        if kind in ("submit", "button", "image", "reset"):
            return [_value(control)] if self.button is not None and control.mem_id == self.button.mem_id else []
        if not choices:
            free = left.get(name, [])
            known = {
                choice for other in self.controls if other.attributes["name"] == name for choice in _choices(other)
            }
            typed = next((value for value in free if value not in known), None)
            if typed is None:
                return [_value(control)]
            free.remove(typed)
            return [typed]
        if name in self.filled:
            return [choice for choice in choices if choice in self.filled[name]]
        return _chosen(control)


def _kind(control: LexborNode) -> str:
    if control.tag == "input":
        return control.attributes.get("type") or "text"
    return "submit" if control.tag == "button" else str(control.tag)


def _value(control: LexborNode) -> str:
    if control.tag == "textarea":
        return control.text().replace("\r\n", "\n").replace("\n", "\r\n")
    return control.attributes.get("value") or ""


def _options(control: LexborNode) -> list[tuple[str, bool]]:
    found = control.css("option")
    return [(o.attributes.get("value", o.text(strip=True)) or "", "selected" in o.attributes) for o in found]


def _choices(control: LexborNode) -> list[str]:
    """The values of which one can be chosen; none for what is typed."""
    if control.tag == "select":
        return [value for value, _ in _options(control)]
    return [control.attributes.get("value") or "on"] if _kind(control) in ("checkbox", "radio") else []


def _chosen(control: LexborNode) -> list[str]:
    if control.tag != "select":
        return _choices(control) if "checked" in control.attributes else []
    chosen = [value for value, selected in _options(control) if selected]
    return chosen or ([] if "multiple" in control.attributes else _choices(control)[:1])


def body_in_parts(sent: list[tuple[str, str | Upload]], boundary: str) -> bytes:
    """The body of a form with files (RFC 7578), as browsers write it."""
    body = b""
    for name, value in sent:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{escape(name)}"'.encode()
        if isinstance(value, Upload):
            body += f'; filename="{value.name}"\r\nContent-Type: {value.kind}\r\n\r\n'.encode() + value.content
        else:
            body += b"\r\n\r\n" + value.encode()
        body += b"\r\n"
    return body + f"--{boundary}--\r\n".encode()
