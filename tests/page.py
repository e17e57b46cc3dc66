"""A page as whoever reads it has it: its words, where it leads, its forms, and what is said beside their fields."""

from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.form import TOKEN, Form

INLINE = frozenset({"a", "abbr", "b", "bdi", "code", "em", "i", "mark", "s", "span", "strong", "time", "u"})
"""What stands in a line of words; between all others there is room."""

UNSEEN = frozenset({"script", "style", "template", "head"})


def words(node: LexborNode | None) -> str:
    """What a reader reads of this part, one space between words; a picture or sign has its label."""
    return " ".join("".join(_runs(node)).split()) if node is not None else ""


def _runs(node: LexborNode) -> Iterator[str]:
    if node.is_text_node:
        yield node.text_content or ""
        return
    if not node.is_element_node or node.tag in UNSEEN or "hidden" in node.attributes:
        return
    label = node.attributes.get("aria-label") if node.tag in ("svg", "a", "button") else node.attributes.get("alt")
    yield "" if node.tag in INLINE else " "
    if label is not None:
        yield label
    elif node.tag != "svg":
        for child in node.iter(include_text=True):
            yield from _runs(child)
    yield "" if node.tag in INLINE else " "


class Page:
    """A parsed page; `"words" in page` asks whether somebody reads them on it."""

    def __init__(self, html: str) -> None:
        self.tree = LexborHTMLParser(html)
        self.text = words(self.tree.body)

    def __contains__(self, said: str) -> bool:
        return " ".join(said.split()) in self.text

    def __str__(self) -> str:
        return self.text

    @property
    def title(self) -> str:
        """What the window is called."""
        return words(self.tree.css_first("head > title"))

    @property
    def main(self) -> str:
        """The words of the page itself, without its frame."""
        return words(self.tree.css_first("main"))

    @property
    def told(self) -> str:
        """What is said once about what was just done."""
        return words(self.tree.css_first("[role=status]"))

    @property
    def refused(self) -> str:
        """The summary above a form that came back."""
        return words(self.tree.css_first("#refused"))

    @property
    def errors(self) -> dict[str, str]:
        """What is said beside each field that was refused, by the field's id."""
        found = self.tree.css("p.error[id$=-error]")
        return {str(one.id).removesuffix("-error"): words(one) for one in found if "hidden" not in one.attributes}

    def parts(self, selector: str) -> "list[Page]":
        """All parts of the page that fit."""
        return [Page(node.html or "") for node in self.tree.css(selector)]

    @property
    def rows(self) -> list[list[str]]:
        """The cells of all tables' rows, but for heads."""
        return [[words(cell) for cell in row.css("td, th")] for row in self.tree.css("tbody tr")]

    def all(self, selector: str) -> list[str]:
        """The words of each part that fits."""
        return [words(node) for node in self.tree.css(selector)]

    def has(self, selector: str) -> bool:
        """Whether there is such a part."""
        return self.tree.css_first(selector) is not None

    def part(self, selector: str) -> "Page":
        """A part of the page; the first that fits."""
        node = self.tree.css_first(selector)
        assert node is not None, f"no {selector}: {self.text}"
        return Page(node.html or "")

    @property
    def leads_to(self) -> list[str]:
        """The addresses of all links."""
        return [str(link.attributes["href"]) for link in self.tree.css("a[href]")]

    def link(self, said: str) -> str:
        """The address of the link that says this, or, if none does, begins so or has it in it."""
        links = [(words(link), str(link.attributes["href"])) for link in self.tree.css("a[href]")]
        found = _named(said, links)
        assert found, f"no link {said}: {[name for name, _ in links]}"
        return found[0]

    @property
    def buttons(self) -> list[str]:
        """What can be pressed."""
        return [words(button) for button in self.tree.css("button")]

    def form(self, named: str, *, to: str = "") -> Form:
        """The form whose button says this (or begins so, or has it in it), or that has this id; `to` where several do."""
        by_id = [node for node in self.tree.css("form[id]") if node.id == named]
        buttons = [(words(button), button) for button in self.tree.css("button, input[type=submit]")]
        for button in [] if by_id else _named(named, buttons):
            node = self._form_of(button)
            if node is None or button.attributes.get("type") in ("button", "reset"):
                continue
            form = Form(node, button, self._controls(node))
            if to in ("", form.action):
                return form
        assert by_id, f"no form with a button {named}{to and ' to '}{to}: {[name for name, _ in buttons]}"
        return Form(by_id[0], None, self._controls(by_id[0]))

    def form_to(self, path: str, **hidden: str) -> Form:
        """The form that goes there, where its button has no name of its own; `hidden` tells several apart."""
        for node in self.tree.css("form"):
            form = Form(node, None, self._controls(node))
            if form.action == path and hidden.items() <= form.values.items():
                return form
        raise AssertionError(f"no form to {path}: {[node.attributes.get('action') for node in self.tree.css('form')]}")

    @property
    def token(self) -> str:
        """What any form of the page shows that it came from here."""
        found = self.tree.css_first(f"input[name={TOKEN}]")
        assert found is not None, f"no form of ours: {self.text[:2000]}"
        return str(found.attributes["value"])

    def _form_of(self, control: LexborNode) -> LexborNode | None:
        named = control.attributes.get("form")
        if named:
            return self.tree.css_first(f"form#{named}")
        node: LexborNode | None = control
        while node is not None and node.tag != "form":
            node = node.parent
        return node

    def _controls(self, form: LexborNode) -> list[LexborNode]:
        there = self.tree.css("input[name], select[name], textarea[name], button[name]")
        return [one for one in there if _same(self._form_of(one), form) and "disabled" not in one.attributes]


def _named(said: str, things: list[tuple[str, Any]]) -> list[Any]:
    """Those that are called so; else those whose name begins so; else those that have it in their name."""
    for fits in (str.__eq__, str.startswith, str.__contains__):
        found = [thing for name, thing in things if fits(name, said)]
        if found:
            return found
    return []


def _same(one: LexborNode | None, other: LexborNode) -> bool:
    return one is not None and one.mem_id == other.mem_id
