"""Habits of the house that no linter knows, read off the syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

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


def test_only_the_clock_tells_the_time(trees: dict[str, ast.Module]) -> None:
    offenders = [
        f"{name}:{call.lineno}"
        for name, tree in trees.items()
        for call in _calls(tree)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in ("now", "utcnow", "today")
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in ("datetime", "date")
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


def _generated(name: str) -> bool:
    return "/migrations/" in name
