"""The plan of the house: nobody imports upward, and no rooms import each other in a ring."""

import pytest

from misc import imports


@pytest.fixture(scope="module")
def modules() -> dict[str, frozenset[str]]:
    return dict(imports.graph())


def test_nothing_imports_upward(modules: dict[str, frozenset[str]]) -> None:
    assert imports.upward(modules) == []


def test_no_modules_import_each_other_in_a_ring(modules: dict[str, frozenset[str]]) -> None:
    assert imports.rings(modules) == []


def test_no_things_import_each_other_in_a_ring(modules: dict[str, frozenset[str]]) -> None:
    assert imports.rings(imports.floors(modules)) == []


def test_rings_are_found() -> None:
    picture = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"c"}}
    assert sorted(map(len, imports.rings(picture))) == [3, 4]
    assert imports.rings({"a": {"b"}, "b": set()}) == []
    assert imports.upward({"store.orders.orders": {"store.orders.routes"}, "store.app": {"store.orders.routes"}}) == [
        ("store.orders.orders", "store.orders.routes")
    ]
