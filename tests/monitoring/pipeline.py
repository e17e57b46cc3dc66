"""What Alloy's stages make of log lines: a model of the few in use, after their source (internal/component/loki/process).

It is as strict as it is small: a stage, an argument or a form of a template that it does not know is an error, so that
nothing in the configuration goes untested.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.monitoring.alloy import Block

NULL = " || `null`"
"""What the model knows of JMESPath besides a field's name: what is empty becomes null."""


class Unknown(ValueError):
    """The configuration uses something that this model does not know."""


@dataclass
class Entry:
    """A line on its way: what was parsed of it, and what Loki will keep beside it."""

    line: str
    labels: dict[str, str]
    parsed: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    time: datetime | None = None
    """None: the time at which Docker read it."""


def run(stages: Iterable[Block], entries: Iterable[Entry]) -> list[Entry]:
    """Lead the entries through the stages, as a pipeline of its own: labels are written over what was parsed."""
    passed = list(entries)
    for entry in passed:
        entry.parsed |= entry.labels
    for stage in stages:
        if stage.name not in _STAGES:
            raise Unknown(f"{stage.name} is not known here")
        known, work = _STAGES[stage.name]
        if set(stage.attributes) != known or (stage.blocks and stage.name != "stage.match"):
            raise Unknown(f"{stage.name} with {sorted(stage.attributes)} is not known here, only with {sorted(known)}")
        passed = list(work(stage, passed))
    return passed


def _match(stage: Block, entries: list[Entry]) -> Iterator[Entry]:
    """Entries keep their order here; really those that match may fall behind the others."""
    wanted = selector(stage.attributes["selector"])
    matching = [entry for entry in entries if wanted(entry)]
    done = iter(run(stage.blocks, matching))
    if len(matching) == len(entries):
        yield from done
        return
    yield from (entry for entry in entries if not wanted(entry))
    yield from done


def _multiline(stage: Block, entries: list[Entry]) -> Iterator[Entry]:
    """Lines up to the next first one are one entry, with the first one's labels; before any first one all pass."""
    first = re.compile(stage.attributes["firstline"], re.ASCII)
    block: Entry | None = None
    for entry in entries:
        if first.search(entry.line) is not None:
            if block is not None:
                yield block
            block = entry
        elif block is None:
            yield entry
        else:
            block.line += "\n" + entry.line
    if block is not None:
        yield block


def _regex(stage: Block, entries: list[Entry]) -> Iterator[Entry]:
    for entry in entries:
        found = re.search(stage.attributes["expression"], entry.line, re.ASCII)
        entry.parsed |= found.groupdict("") if found else {}
        yield entry


def _json(stage: Block, entries: list[Entry]) -> Iterator[Entry]:
    for entry in entries:
        try:
            data = json.loads(entry.line)
        except ValueError:
            data = None
        if isinstance(data, dict):
            for name, expression in stage.attributes["expressions"].items():
                entry.parsed[name] = _looked_up(data, expression)
        yield entry


def _looked_up(data: dict[str, Any], expression: str) -> Any:
    """What JMESPath finds; lists and objects become JSON again."""
    name = expression.removesuffix(NULL)
    if not re.fullmatch(r"\w+", name, re.ASCII):
        raise Unknown(f"the expression {expression!r} is not known here")
    value = data.get(name)
    if expression.endswith(NULL) and (value is False or value in ("", [], {})):
        return None
    return json.dumps(value, separators=(",", ":")) if isinstance(value, list | dict) else value


def _template(stage: Block, entries: list[Entry]) -> Iterator[Entry]:
    """A template that gives nothing takes its source away."""
    source = stage.attributes["source"]
    for entry in entries:
        made = rendered(stage.attributes["template"], entry.parsed)
        if made:
            entry.parsed[source] = made
        else:
            entry.parsed.pop(source, None)
        yield entry


def rendered(template: str, fields: dict[str, Any]) -> str:
    """Go's template language: text, `{{ .field }}`, and `if` with a field or `eq`, `else if`, `else`, not nested."""
    texts = {name: text for name, value in fields.items() if (text := _text(value)) is not None}
    tokens = re.split(r"{{ (.*?) }}", template)
    out, taking, decided = tokens[0], True, True
    for action, text in zip(tokens[1::2], tokens[2::2], strict=True):
        if action.startswith("if "):
            taking = decided = _true(action.removeprefix("if "), texts)
        elif action.startswith("else if "):
            taking = not decided and _true(action.removeprefix("else if "), texts)
            decided = decided or taking
        elif action == "else":
            taking, decided = not decided, True
        elif action == "end":
            taking = decided = True
        elif re.fullmatch(r"\.\w+", action):
            out += texts.get(action[1:], "<no value>") if taking else ""
        else:
            raise Unknown(f"the action {action!r} is not known here")
        out += text if taking else ""
    return out


def _true(condition: str, texts: dict[str, str]) -> bool:
    if re.fullmatch(r"\.\w+", condition):
        return bool(texts.get(condition[1:]))
    found = re.fullmatch(r'eq \.(\w+)((?: "[^"]*")+)', condition)
    if found is None:
        raise Unknown(f"the condition {condition!r} is not known here")
    return texts.get(found[1]) in re.findall(r'"([^"]*)"', found[2])


def _labels(stage: Block, entries: list[Entry]) -> Iterator[Entry]:
    for entry in entries:
        entry.labels |= _wanted(stage, entry.parsed)
        yield entry


def _static_labels(stage: Block, entries: list[Entry]) -> Iterator[Entry]:
    for entry in entries:
        entry.labels |= stage.attributes["values"]
        yield entry


def _label_drop(stage: Block, entries: list[Entry]) -> Iterator[Entry]:
    for entry in entries:
        for name in stage.attributes["values"]:
            entry.labels.pop(name, None)
        yield entry


def _structured_metadata(stage: Block, entries: list[Entry]) -> Iterator[Entry]:
    """What was parsed, and labels, which are labels no longer."""
    for entry in entries:
        entry.metadata |= _wanted(stage, entry.parsed) | _wanted(stage, entry.labels)
        for source in _sources(stage).values():
            entry.labels.pop(source, None)
        yield entry


def _timestamp(stage: Block, entries: list[Entry]) -> Iterator[Entry]:
    if (stage.attributes["format"], stage.attributes["action_on_failure"]) != ("RFC3339Nano", "skip"):
        raise Unknown("only RFC3339Nano that is skipped where it does not fit is known here")
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)"
    for entry in entries:
        text = _text(entry.parsed.get(stage.attributes["source"]))
        if text is not None and re.fullmatch(form, text, re.ASCII):
            entry.time = datetime.fromisoformat(text)
        yield entry


def _wanted(stage: Block, values: dict[str, Any]) -> dict[str, str]:
    found = {name: _text(values.get(source)) for name, source in _sources(stage).items()}
    return {name: text for name, text in found.items() if text is not None}


def _sources(stage: Block) -> dict[str, str]:
    """Where each value comes from: an empty source stands for the same name."""
    return {name: source or name for name, source in stage.attributes["values"].items()}


def _text(value: Any) -> str | None:
    """A value as Alloy writes it; null cannot be written."""
    if value is None or isinstance(value, str):
        return value
    return ("true" if value else "false") if isinstance(value, bool) else format(Decimal(repr(value)).normalize(), "f")


def selector(text: str) -> Callable[[Entry], bool]:
    """Whether an entry is chosen: matchers of labels, and perhaps one filter of the line."""
    parts = re.fullmatch(r'\{(.+?)\}(?: (\|~|!~|\|=|!=) "((?:[^"\\]|\\.)*)")?', text)
    if parts is None:
        raise Unknown(f"the selector {text!r} is not known here")
    matchers = [_matcher(matcher) for matcher in re.split(r",\s*", parts[1])]
    filtered = _line_filter(parts[2], _unquoted(parts[3])) if parts[2] else lambda line: True
    return lambda entry: all(matcher(entry.labels) for matcher in matchers) and filtered(entry.line)


def _matcher(text: str) -> Callable[[dict[str, str]], bool]:
    found = re.fullmatch(r'(\w+)(=~|!~|!=|=)"([^"\\]*)"', text)
    if found is None:
        raise Unknown(f"the matcher {text!r} is not known here")
    name, operator, wanted = found.groups()
    if operator in ("=", "!="):
        return lambda labels: (labels.get(name, "") == wanted) == (operator == "=")
    return lambda labels: bool(re.fullmatch(wanted, labels.get(name, ""), re.ASCII)) == (operator == "=~")


def _line_filter(operator: str, wanted: str) -> Callable[[str], bool]:
    if operator in ("|=", "!="):
        return lambda line: (wanted in line) == (operator == "|=")
    return lambda line: bool(re.search(wanted, line, re.ASCII)) == (operator == "|~")


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


Work = Callable[[Block, list[Entry]], Iterable[Entry]]

_STAGES: dict[str, tuple[set[str], Work]] = {
    "stage.match": ({"selector"}, _match),
    "stage.multiline": ({"firstline", "max_wait_time"}, _multiline),
    "stage.regex": ({"expression"}, _regex),
    "stage.json": ({"expressions"}, _json),
    "stage.template": ({"source", "template"}, _template),
    "stage.structured_metadata": ({"values"}, _structured_metadata),
    "stage.labels": ({"values"}, _labels),
    "stage.static_labels": ({"values"}, _static_labels),
    "stage.label_drop": ({"values"}, _label_drop),
    "stage.timestamp": ({"source", "format", "action_on_failure"}, _timestamp),
}
