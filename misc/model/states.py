"""Pictures of the tables of transitions: as Mermaid in misc/states.md, and as misc/states.svg, which Graphviz lays out."""

import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from store.offers.transitions import TRANSITIONS as OFFERS
from store.orders.transitions import TRANSITIONS as ORDERS
from store.problems.transitions import TRANSITIONS as PROBLEMS
from store.transitions import Transition

PAGE, PICTURE = Path("misc/states.md"), Path("misc/states.svg")

TABLES: dict[str, Iterable[Transition[Any, Any, Any]]] = {"Orders": ORDERS, "Problems": PROBLEMS, "Offers": OFFERS}

HEAD = """# States

Who brings what from which state to which, and what silence does: made from the tables `store/<thing>/transitions.py` by
`python -m misc.model`, which a test compares with this page. As one picture: [states.svg](states.svg).

While a problem of an order is open the order rests: nobody but the problem's end moves it.
"""


def page() -> str:
    """misc/states.md."""
    parts = [f"\n## {name}\n\n```mermaid\n{_mermaid(table)}\n```\n" for name, table in TABLES.items()]
    return HEAD + "".join(parts)


def graph() -> str:
    """The same for Graphviz."""
    lines = [
        'digraph states { rankdir=LR; bgcolor="white"; fontname="sans-serif"; nodesep=0.35; ranksep=1.1;',
        '  node [shape=box style="rounded,filled" fillcolor="#eef2f7" color="#5b6b82" fontname="sans-serif" fontsize=12];',
        '  edge [color="#5b6b82" fontcolor="#1f2937" fontname="sans-serif" fontsize=10];',
    ]
    for name, table in TABLES.items():
        lines.append(f'  subgraph cluster_{name} {{ label="{name}"; color="#c9d2de";')
        befores = {each.before for each in table}
        for state in sorted({each.after for each in table} | befores):
            end = "" if state in befores else ' fillcolor="#d9efe0"'
            lines.append(f'    {name}_{state} [label="{_words(state)}"{end}];')
        for each in table:
            style = " style=dashed" if each.by == {"deadline"} else ""
            lines.append(f'    {name}_{each.before} -> {name}_{each.after} [label="{_label(each)}"{style}];')
        lines.append("  }")
    return "\n".join([*lines, "}"]) + "\n"


def digest() -> str:
    """What the picture was laid out from; it stands in it, so that a test sees an old one."""
    return hashlib.sha256(graph().encode()).hexdigest()


def write() -> None:
    """Make both anew; needs Graphviz's `dot`."""
    PAGE.write_text(page())
    done = subprocess.run(["dot", "-Tsvg"], input=graph(), capture_output=True, text=True, check=True)
    head, rest = done.stdout.split("<svg", 1)
    PICTURE.write_text(f"{head.splitlines()[0]}\n<!-- from {digest()} -->\n<svg{rest}")


def _mermaid(table: Iterable[Transition[Any, Any, Any]]) -> str:
    rows = [*table]
    befores, afters = [each.before for each in rows], {each.after for each in rows}
    lines = ["stateDiagram-v2", f"    [*] --> {befores[0]}"]
    lines += [f"    {each.before} --> {each.after}: {_label(each)}" for each in rows]
    lines += [f"    {state} --> [*]" for state in sorted(afters - {*befores})]
    return "\n".join(lines)


def _label(each: Transition[Any, Any, Any]) -> str:
    """Who does what, or after which time it happens by itself; for which kinds, if not for all."""
    people = sorted(each.by - {"deadline"})
    said = f"{each.action} ({', '.join(people)})" if each.action else ", ".join(people)
    parts = [_words(said)] if people else []
    if each.within:
        parts.append(f"after {each.within}")
    if each.only:
        parts.append(f"if {' or '.join(map(_words, sorted(each.only)))}")
    return ", ".join(parts)


def _words(name: str) -> str:
    return name.replace("_", " ")
