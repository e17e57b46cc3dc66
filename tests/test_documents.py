"""Documents name only what is there: files, headings, and what is said to stand in them."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name not in (".git", ".venv", "data")}
GUIDES = ("README.md", "CONTRIBUTING.md", "AGENTS.md", "misc/design.md", "misc/security.md")
DOCUMENTS = [*(ROOT / name for name in GUIDES), *sorted((ROOT / "misc" / "decisions").glob("*.md"))]

_LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?[^)]*\)")
_CODE = re.compile(r"`([^`\s]+)`")
_PLACE = re.compile(r"(?P<path>[\w.-]+(?:/[\w.-]+)*/?)(?::(?P<name>\w+(?:\.\w+)*))?")
_PATTERN = re.compile(r"[\w.-]*(?:<[\w ]+>|NNNN)[\w./<>*-]*")
_FILE_NAME = re.compile(r"[\w-]+\.(?:py|md|toml|yml|html|css|js|json|sql)")
_POINTER = re.compile(r"misc/design\.md, “([^”]+)”")


def faults(document: Path) -> list[str]:
    """Links that lead nowhere, `folder/file.py:name` of which the file or the name is not there, `file.py` that nothing is
    called, and `<service>/<thing>/file.py` that nothing is like."""
    text = document.read_text()
    found = [f"{link} is not there" for link in _dead_links(document, text)]
    for code in _CODE.findall(text):
        if _PATTERN.fullmatch(code) and "/" in code:
            if not any(ROOT.glob(re.sub(r"<[\w ]+>|NNNN", "*", code).rstrip("/"))):
                found.append(f"{code}: nothing is like it")
            continue
        place = _PLACE.fullmatch(code)
        if _FILE_NAME.fullmatch(code) and code not in _file_names():
            found.append(f"{code}: no file is called so")
        if place is None or "/" not in code or code.split("/")[0] not in FOLDERS:
            continue
        path, name = ROOT / place["path"], place["name"]
        if not path.exists():
            found.append(f"{code} is not there")
        elif name and not _defined(path.read_text(), name.rpartition(".")[2]):
            found.append(f"{code}: no such name")
    return found


def _dead_links(document: Path, text: str) -> list[str]:
    dead = []
    for link, heading in _LINK.findall(text):
        if "://" in link:
            continue
        target = document.parent / link if link else document
        if not target.exists():
            dead.append(link)
        elif heading and heading not in {_anchor(known) for known in _headings(target)}:
            dead.append(f"{link}#{heading}")
    return dead


def _headings(document: Path) -> list[str]:
    return re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)


def _anchor(heading: str) -> str:
    """What GitHub calls a heading in addresses."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@cache
def _file_names() -> frozenset[str]:
    return frozenset(path.name for path in _files())


@cache
def _files() -> list[Path]:
    """What stands in the repository's folders that are not hidden, and beside them."""
    inside = (path for name in sorted(FOLDERS) if name[0] != "." for path in (ROOT / name).rglob("*.*"))
    return [*inside, *(path for path in ROOT.iterdir() if path.is_file())]


def _defined(source: str, name: str) -> bool:
    return bool(re.search(rf"^\s*(?:(?:async )?def |class )?{name}\b\s*(?:\[|\(|=|:|$)", source, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_documents_name_is_there(document: Path) -> None:
    assert not faults(document)


def test_headings_of_the_design_that_code_names_are_there() -> None:
    headings = _headings(ROOT / "misc" / "design.md")
    sources = [path for path in _files() if path.suffix in (".py", ".md")]
    named = {(path.name, heading) for path in sources for heading in _POINTER.findall(path.read_text())}
    assert named
    assert [pointer for pointer in sorted(named) if pointer[1] not in headings] == []


def test_what_is_not_there_is_noticed(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(
        "# A page\n`tests/nowhere.py` `tests/test_documents.py:nothing` `tests/test_documents.py:faults` [a](b.md) "
        "[here](#a-page) [there](#nowhere) `<service>/app.py` `<service>/nowhere.py` `routes.py` `rooutes.py`"
    )
    assert faults(document) == [
        "b.md is not there",
        "#nowhere is not there",
        "tests/nowhere.py is not there",
        "tests/test_documents.py:nothing: no such name",
        "<service>/nowhere.py: nothing is like it",
        "rooutes.py: no file is called so",
    ]
