"""The plan of the house: no rooms import each other in a ring. What stands above what is said in pyproject.toml."""

import pytest

from misc import imports


@pytest.fixture(scope="module")
def modules() -> dict[str, frozenset[str]]:
    return dict(imports.graph())


def test_no_modules_import_each_other_in_a_ring(modules: dict[str, frozenset[str]]) -> None:
    assert imports.rings(modules) == []


def test_no_things_import_each_other_in_a_ring(modules: dict[str, frozenset[str]]) -> None:
    assert imports.rings(imports.floors(modules)) == []


def test_services_know_of_each_other_only_what_is_told(modules: dict[str, frozenset[str]]) -> None:
    """Events are for all; what a service answers is the entrypoint's, but for what the store asks of the catalogue."""
    services = ("catalogue", "store", "payment")
    known = {
        (module, other)
        for module, imported in modules.items()
        for other in imported
        if module.split(".")[0] in services
        and other.startswith("souk.contracts.")
        and other.split(".")[2] in (*services, "entrypoint")
        and other.split(".")[2] != module.split(".")[0]
        and other.split(".")[-1] != "events"
    }
    assert {other for _, other in known} == {"souk.contracts.catalogue.snapshots"}, known


def test_rings_are_found() -> None:
    picture = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"c"}}
    assert sorted(map(len, imports.rings(picture))) == [3, 4]
    assert imports.rings({"a": {"b"}, "b": set()}) == []
