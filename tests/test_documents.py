"""Documents name only what is there: files, and what is said to stand in them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name not in (".git", ".venv", "data")}
DOCUMENTS = [ROOT / "README.md", ROOT / "misc" / "security.md", *sorted((ROOT / "misc" / "decisions").glob("*.md"))]

_LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
_CODE = re.compile(r"`([^`\s]+)`")
_PLACE = re.compile(r"(?P<path>[\w.-]+(?:/[\w.-]+)*/?)(?::(?P<name>\w+(?:\.\w+)*))?")


def faults(document: Path) -> list[str]:
    """Links that lead nowhere, and `folder/file.py:name` of which the file or the name is not there."""
    text = document.read_text()
    found = [
        f"{link} is not there"
        for link in _LINK.findall(text)
        if "://" not in link and not (document.parent / link).exists()
    ]
    for code in _CODE.findall(text):
        place = _PLACE.fullmatch(code)
        if place is None or "/" not in code or code.split("/")[0] not in FOLDERS:
            continue
        path, name = ROOT / place["path"], place["name"]
        if not path.exists():
            found.append(f"{code} is not there")
        elif name and not _defined(path.read_text(), name.rpartition(".")[2]):
            found.append(f"{code}: no such name")
    return found


def _defined(source: str, name: str) -> bool:
    return bool(re.search(rf"^\s*(?:(?:async )?def |class )?{name}\b\s*(?:\[|\(|=|:|$)", source, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_documents_name_is_there(document: Path) -> None:
    assert not faults(document)


def test_what_is_not_there_is_noticed(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text(
        "`tests/nowhere.py` `tests/test_documents.py:nothing` `tests/test_documents.py:faults` [a](b.md)"
    )
    assert faults(document) == [
        "b.md is not there",
        "tests/nowhere.py is not there",
        "tests/test_documents.py:nothing: no such name",
    ]
