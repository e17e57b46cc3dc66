"""Each refusal has a code, each code its sentence, and translators get them all: read off the syntax trees."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from string import Formatter

import pytest

from entrypoint.refusals.refusals import SENTENCES, TABLES
from entrypoint.refusals.sentences import Phrased
from entrypoint.refusals.titles import TITLES
from entrypoint.web.marking import Plural
from misc.texts import catalog

ROOT = Path(__file__).parent.parent
PACKAGES = ("souk", "catalogue", "store", "payment", "entrypoint")


@cache
def _trees() -> dict[str, ast.Module]:
    """Read by the tests, not by whoever only collects them."""
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text())
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def _name(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def _descendants(base: str) -> set[str]:
    """Names of the classes that are one, at whatever distance."""
    classes = [node for tree in _trees().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = {base}
    while True:
        more = {node.name for node in classes if found & {_name(one) for one in node.bases}}
        if more <= found:
            return found
        found |= more


@cache
def _kinds() -> set[str]:
    """The refusals; `Refused` hands on what another service said."""
    return _descendants("RuleBroken") - {"Refused"}


@cache
def _of_fields() -> set[str]:
    """Their text comes second, after the field."""
    return _descendants("InvalidInput") | {"fault"}


@dataclass
class Told:
    """A refusal as it is raised somewhere."""

    where: str
    code: str
    text: str
    params: set[str]
    open: bool
    """Whether other params come besides."""
    choices: dict[str, set[str]] = field(default_factory=dict)
    """Keys of the phrases that a param may stand for."""


def _refusals() -> Iterator[tuple[str, ast.Call]]:
    for name, tree in _trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _name(node.func) in _kinds() | {"fault"} and name != "souk/errors.py":
                yield name, node


def _text(value: ast.expr | None) -> str | None:
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _told(name: str, call: ast.Call) -> Told | None:
    """None if text or code are not plain text."""
    raised, place = _name(call.func), 1 if _name(call.func) in _of_fields() else 0
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    text = _text(call.args[place]) if len(call.args) > place else None
    by_class = re.sub(r"(?<!^)(?=[A-Z])", "-", raised).lower()
    code = _text(named["code"]) if "code" in named else None if raised in _of_fields() else by_class
    if text is None or code is None:
        return None
    told = Told(f"{name}:{call.lineno}", code, text, {arg for arg in named if arg} - {"code", "errors"}, None in named)
    for param, value in named.items():
        if param and isinstance(value, ast.Call) and _name(value.func) == "Choice":
            phrases = getattr(import_module(name.removesuffix(".py").replace("/", ".")), ast.unparse(value.args[0]))
            told.choices[param] = set(phrases)
    return told


def _by_problems() -> Iterator[Told]:
    """What the services say without an exception of their own."""
    for call in ast.walk(_trees()["souk/http/problems.py"]):
        if isinstance(call, ast.Call) and _name(call.func) == "problem" and (code := _text(call.args[3])):
            yield Told(f"souk/http/problems.py:{call.lineno}", code, _text(call.args[2]) or "", set(), False)


@cache
def _found() -> list[tuple[str, ast.Call, Told | None]]:
    return [(name, call, _told(name, call)) for name, call in _refusals()]


def _all_told() -> list[Told]:
    return [told for _, _, told in _found() if told is not None]


def _codes() -> set[str]:
    return {told.code for told in [*_all_told(), *_by_problems()]}


def _fields(text: str) -> set[str]:
    return {re.split(r"[.\[]", name)[0] for _, name, _, _ in Formatter().parse(text) if name}


def _texts(code: str) -> tuple[str, ...]:
    """The forms of a code's sentence."""
    sentence = SENTENCES[code]
    text = sentence.text if isinstance(sentence, Phrased) else sentence
    return (text.one, text.many) if isinstance(text, Plural) else (text,)


def test_every_refusal_is_plain_text_with_a_code() -> None:
    """What stands in it is named, so that it can be said in other words."""
    assert [f"{name}:{call.lineno}" for name, call, told in _found() if told is None] == []


def test_what_stands_in_a_refusal_is_named() -> None:
    assert [told.where for told in _all_told() if not told.open and not _fields(told.text) <= told.params] == []


def test_a_code_says_one_thing() -> None:
    texts: dict[str, set[str]] = {}
    for told in _all_told():
        texts.setdefault(told.code, set()).add(told.text)
    assert {code: found for code, found in texts.items() if len(found) > 1} == {}


def test_every_code_has_its_sentence() -> None:
    assert _codes() - set(SENTENCES) == set()


def test_every_sentence_has_its_code() -> None:
    assert set(SENTENCES) - _codes() == set()


def test_a_code_stands_in_one_table() -> None:
    assert len(SENTENCES) == sum(map(len, TABLES))


def test_a_sentence_says_what_its_code_knows() -> None:
    offenders = [
        f"{told.where}: {told.code}"
        for told in _all_told()
        for text in _texts(told.code)
        if not told.open and not _fields(text) <= told.params | {"label"}
    ]
    assert offenders == []


def test_a_sentence_has_each_phrase_that_may_stand_in_it() -> None:
    for told in _all_told():
        sentence = SENTENCES[told.code]
        phrases = sentence.phrases if isinstance(sentence, Phrased) else {}
        assert {param: set(choice) for param, choice in phrases.items()} == told.choices, told.where


def _titles() -> Iterator[str]:
    for tree in _trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name in _kinds():
                for line in node.body:
                    target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
                    if isinstance(line, ast.Assign | ast.AnnAssign) and target and ast.unparse(target) == "title":
                        yield str(_text(line.value))
    for call in _calls("souk/http/problems.py", "problem"):
        if title := _text(call.args[1]):
            yield title


def _calls(name: str, *names: str) -> Iterator[ast.Call]:
    return (
        node
        for node in ast.walk(_trees()[name])
        if isinstance(node, ast.Call) and _name(node.func) in names and node.args
    )


def test_every_title_is_marked() -> None:
    assert sorted(TITLES) == sorted(set(_titles()))


def _pages() -> list[str]:
    return [name for name in _trees() if name.startswith("entrypoint/")]


def test_there_is_one_marker() -> None:
    makers = {
        name
        for name in _pages()
        for node in ast.walk(_trees()[name])
        if isinstance(node, ast.FunctionDef) and node.name in ("_", "N_", "NN_")
    }
    assert makers == {"entrypoint/web/marking.py"}


def test_what_is_translated_is_plain_text() -> None:
    """A text with values in it already is another one each time; they are put in afterwards."""
    offenders = [
        f"{name}:{call.lineno}"
        for name in _pages()
        for call in _calls(name, "_", "N_", "NN_", "gettext", "ngettext")
        if isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert offenders == []


@pytest.fixture(scope="module")
def extracted() -> set[str]:
    """What translators are given."""
    texts: set[str] = set()
    for message in catalog():
        texts |= {message.id} if isinstance(message.id, str) else set(message.id)
    return texts


def test_extraction_finds_every_sentence_and_title(extracted: set[str]) -> None:
    phrases = {
        phrase
        for sentence in SENTENCES.values()
        if isinstance(sentence, Phrased)
        for choice in sentence.phrases.values()
        for phrase in choice.values()
    }
    assert {text for code in SENTENCES for text in _texts(code)} | phrases | set(TITLES) <= extracted


def test_extraction_finds_whatever_python_marks(extracted: set[str]) -> None:
    marked = {
        text
        for name in _pages()
        for call in _calls(name, "_", "N_", "NN_", "gettext")
        for text in map(_text, call.args[: 2 if _name(call.func) == "NN_" else 1])
        if text
    }
    assert len(marked) > 500 and marked <= extracted


def test_extraction_finds_whatever_templates_mark(extracted: set[str]) -> None:
    found = {
        text
        for path in (ROOT / "entrypoint" / "templates").rglob("*.*")
        for text in re.findall(r'\b(?:_|ngettext)\("([^"]+)"', re.sub(r"(?s){#.*?#}", "", path.read_text()))
    }
    assert len(found) > 500 and found <= extracted
