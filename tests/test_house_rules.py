"""Habits of the house that no linter knows, read off the syntax trees."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from sqlalchemy import CheckConstraint, Enum, Table
from sqlalchemy.orm import Mapper

ROOT = Path(__file__).parent.parent
PACKAGES = ("souk", "shop", "catalogue", "store", "payment", "entrypoint")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _attribute(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    """Every source file's tree by its path."""
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in SOURCES}


def test_only_the_boundary_commits(trees: dict[str, ast.Module]) -> None:
    offenders = [
        f"{name}:{call.lineno}"
        for name, tree in trees.items()
        for call in _calls(tree)
        if _attribute(call) in ("commit", "rollback") and name != "souk/database/engine.py"
    ]
    assert offenders == []


EMITTING = re.compile(
    r"\w+/\w+/routes\.py|entrypoint/pages/.*|entrypoint/context/sign_in\.py|shop/cli/\w+\.py"  # requests and commands
    r"|souk/events/consumer\.py|souk/http/background\.py"  # events, and what a deadline asks for
    r"|payment/ledger/grouping\.py|catalogue/importing/importing\.py|entrypoint/view_counts/view_counts\.py"
)
"""The boundary. The last three open transactions of their own: for transfers that share one, for a file that is read in
pieces, for what was counted meanwhile."""


def test_only_the_boundary_emits(trees: dict[str, ast.Module]) -> None:
    offenders = [
        f"{name}:{call.lineno}"
        for name, tree in trees.items()
        for call in _calls(tree)
        if _attribute(call) == "emit" and "outbox" in ast.unparse(call.func).lower() and not EMITTING.fullmatch(name)
    ]
    assert offenders == []


TELLS_THE_TIME = {
    "datetime": ("now", "utcnow", "today"),
    "date": ("today",),
    "time": ("time", "time_ns", "gmtime", "localtime"),
}
"""By what they are called on. `time.monotonic` and `time.perf_counter` measure durations and are free to use."""


def test_only_the_clock_tells_the_time(trees: dict[str, ast.Module]) -> None:
    offenders = [
        f"{name}:{call.lineno}"
        for name, tree in trees.items()
        for call in _calls(tree)
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.attr in TELLS_THE_TIME.get(call.func.value.id, ())
        and name != "souk/clock.py"
    ]
    assert offenders == []


def test_modules_say_what_they_are_for(trees: dict[str, ast.Module]) -> None:
    silent = [
        name for name, tree in trees.items() if tree.body and not _generated(name) and not ast.get_docstring(tree)
    ]
    assert silent == []


def test_public_classes_and_functions_have_a_meaning(trees: dict[str, ast.Module]) -> None:
    silent = [
        f"{name}:{node.name}"
        for name, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and not (node.name.startswith("_") or _generated(name) or name.startswith("shop/demo/drawings/"))
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_money_is_never_a_float(trees: dict[str, ast.Module]) -> None:
    """No float() and no true division in the modules that move money."""
    money = ("payment/ledger/", "payment/escrow/", "payment/wallets/", "store/carts/", "store/orders/")
    offenders = [
        f"{name}:{node.lineno}"
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if name.startswith(money)
        and (
            (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
            or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
        )
    ]
    assert offenders == []


SETS = re.compile(r"(?P<column>\w+) IN \((?P<values>[^()]*)\)")
"""A check that a column has one of a few values."""


@pytest.fixture(scope="module")
def mappers() -> list[Mapper[Any]]:
    """All classes of tables."""
    tables = [
        import_module(f"{path.parent.parent.name}.{path.parent.name}.tables") for path in SOURCES if _has_tables(path)
    ]
    bases = {module.Base for module in tables if hasattr(module, "Base")}
    return [mapper for base in bases for mapper in base.registry.mappers]


def _has_tables(path: Path) -> bool:
    return path.name == "tables.py" and path.parent.parent.parent == ROOT and path.parent.parent.name != "souk"


def _values(kind: Any) -> set[object]:
    """The values of a literal, also of one that may be absent."""
    if get_origin(kind) is Literal:
        return set(get_args(kind))
    return set[object]().union(*(_values(part) for part in get_args(kind)))


def test_what_the_database_checks_is_what_the_type_says(mappers: list[Mapper[Any]]) -> None:
    checked = 0
    for mapper in mappers:
        assert isinstance(mapper.local_table, Table)
        types = {name: _values(kind) for name, kind in get_type_hints(mapper.class_).items()}
        for check in (each for each in mapper.local_table.constraints if isinstance(each, CheckConstraint)):
            if found := SETS.fullmatch(str(check.sqltext)):
                values = set(re.findall(r"'(\w+)'", found["values"]))
                assert types[found["column"]] == values, f"{mapper.class_.__name__}.{found['column']}"
                checked += 1
    assert checked > 20


def test_literals_are_text_in_the_database(mappers: list[Mapper[Any]]) -> None:
    """An `Enum`, as SQLAlchemy makes of them by itself, would be as long as its longest value."""
    columns = [(mapper.class_.__name__, column) for mapper in mappers for column in mapper.columns]
    assert [f"{name}.{column.name}" for name, column in columns if isinstance(column.type, Enum)] == []


def _generated(name: str) -> bool:
    return "/migrations/" in name
