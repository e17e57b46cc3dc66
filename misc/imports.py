"""The picture of who imports whom: `python -m misc.imports` prints its figures, and every ring by name.

A thing is a folder of a service (`store.orders`) or a module beside them. Its floors are `tables` at the bottom, what it does in
the middle, and `routes` and `consumers` at the top, where other services and clients come in. That whoever imports goes down is said by the contracts in `pyproject.toml`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

import grimp

PACKAGES = ("souk", "shop", "catalogue", "store", "payment", "entrypoint")
TOP = ("routes", "consumers")

Ring = tuple[str, ...]


def graph() -> Mapping[str, frozenset[str]]:
    """Every module, with those it imports; lazy imports count too."""
    found = grimp.build_graph(*PACKAGES)
    return {module: frozenset(found.find_modules_directly_imported_by(module)) for module in sorted(found.modules)}


def floor(module: str) -> str:
    """The thing that a module belongs to, and which floor of it."""
    parts = module.split(".")
    inside = parts[2] if len(parts) > 2 else ""
    thing = ".".join(parts[:2])
    if inside == "tables":
        return f"{thing} (tables)"
    return f"{thing} (top)" if inside in TOP else thing


def floors(modules: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
    """The same picture between floors."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, imported in modules.items():
        found[floor(module)] |= {floor(other) for other in imported} - {floor(module)}
    return found


def rings(picture: Mapping[str, Iterable[str]]) -> list[Ring]:
    """Rings in it, one after the other: each is taken apart before the next is looked for."""
    left = {name: set(imported) for name, imported in picture.items()}
    found: list[Ring] = []
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as cycle:
            ring = tuple(reversed(cycle.args[1]))
            found.append(ring)
            left[ring[0]].discard(ring[1])
            continue
        return found


def main() -> None:
    """Print the figures."""
    modules = graph()
    files = (Path(*module.split(".")).with_suffix(".py") for module in modules)
    sizes = [len(file.read_text().splitlines()) for file in files if file.exists()]
    print(f"modules {len(modules)}, median {median(sizes):.0f} lines, largest {max(sizes)}")
    print(f"imports {sum(len(set(imported)) for imported in modules.values())}")
    for name, found in (
        ("rings of modules", rings(modules)),
        ("rings of things", rings(floors(modules))),
    ):
        print(f"{name} {len(found)}")
        for each in found:
            print("   ", " → ".join(each))


if __name__ == "__main__":
    main()
