"""What the docstrings of structs and their fields say, for the API's document."""

import ast
import inspect
import itertools
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import msgspec

PACKAGES = ("souk.contracts", "entrypoint")
"""Where the structs stand that requests and answers are made of."""


def describe(schemas: dict[str, Any]) -> None:
    """Put the docstrings into these schemas, whose titles are the structs' names."""
    known = _docs()
    for schema in schemas.values():
        words, fields = known.get(schema.get("title", ""), ("", {}))
        if words:
            schema.setdefault("description", words)
        for name, text in fields.items():
            if name in schema.get("properties", {}):
                schema["properties"][name].setdefault("description", text)


@cache
def _docs() -> dict[str, tuple[str, dict[str, str]]]:
    """By the struct's name: its docstring, and those below its fields."""
    modules = {kind.__module__ for kind in _structs(msgspec.Struct) if kind.__module__.startswith(PACKAGES)}
    found = {}
    for module in sorted(modules):
        for node in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
            if isinstance(node, ast.ClassDef):
                found[node.name] = (ast.get_docstring(node) or "", dict(_fields(node)))
    return found


def _structs(kind: type) -> Iterator[type]:
    classes: list[type] = type.__subclasses__(kind)
    for below in classes:
        yield below
        yield from _structs(below)


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for pair in itertools.pairwise(node.body):  # a text below a field is about it
        match pair:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as text)):
                yield name, inspect.cleandoc(text)
