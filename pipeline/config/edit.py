"""sources.yaml with one more source in it, every byte that was there kept.

The new entry is put after the last one of `sources:` as text, in the form and indentation of that one, or where the
first would stand: writing the whole file anew, even by a round trip, would change quotes, widths and the places of
comments. Where YAML's marks lead
to is then proved by reading the result: it must say what the file said, and the new source. Nothing else is written.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from dataclasses import fields as fields_of
from dataclasses import replace
from enum import Enum
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from pipeline.config import load_config
from storage.errors import ConfigError
from storage.model import Config, Selectors, Source

_KEPT_WIDTH = 1 << 20
"""No line is folded."""


def add_source(path: Path, source: Source) -> Config:
    """Put `source` at the end of `sources:` in the file and return what the file says now.

    The file is replaced whole, with its permissions, or left as it was. Raises ConfigError with the mistakes that the
    file has, or would have.
    """
    real = path.resolve()
    before = load_config(real, begun=True)
    try:
        text = with_source(real.read_bytes().decode("utf-8"), source)
        _replace(real, text, source, before)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error.strerror}"]) from error
    return load_config(path)


def with_source(text: str, source: Source) -> str:
    """The text of a right sources.yaml with `source` after its last source, if it has any; nothing else is touched."""
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    body = text.removeprefix(mark)
    root = YAML(typ="safe", pure=True).compose(body)
    assert isinstance(root, MappingNode)
    sources = next((value for key, value in root.value if key.value == "sources"), None)
    if not isinstance(sources, SequenceNode) or not sources.value:
        return mark + _with_first(body, source, root, sources)
    last = sources.value[-1]
    if sources.flow_style:
        end = last.end_mark.index
        return f"{mark}{body[:end]}, {_dumped(source, flow=True)}{body[end:]}"
    dash, newline = _dash(body, sources), "\r\n" if "\r\n" in body else "\n"
    at, lines = _line_after(body, _last_part(last).end_mark.index, dash), _entry(source, sources, dash)
    missing = newline if body[:at] and not body[:at].endswith("\n") else ""
    return f"{mark}{body[:at]}{missing}{''.join(line + newline for line in lines)}{body[at:]}"


def as_yaml(source: Source) -> str:
    """The entry as it may be pasted under `sources:`."""
    first, *rest = _dumped(source, flow=False).splitlines()
    return "\n".join([f"  - {first}", *(f"    {line}" for line in rest)])


def _with_first(body: str, source: Source, root: MappingNode, sources: Node | None) -> str:
    """`body`, which has no source, with its first: inside the empty brackets, under the bare key, or at the end."""
    newline = "\r\n" if "\r\n" in body else "\n"
    margin, braces = " " * root.start_mark.column, _dumped(source, flow=True)
    lines = "".join(f"{margin}{line}{newline}" for line in as_yaml(source).splitlines())
    if isinstance(sources, SequenceNode):
        end = sources.end_mark.index - 1
        return f"{body[:end]}{braces}{body[end:]}"
    if sources is None and root.flow_style:
        end = len(body[: root.end_mark.index - 1].rstrip())
        return f"{body[:end]}{'' if body[end - 1] in '{,' else ','} sources: [{braces}]{body[end:]}"
    if sources is None:
        return f"{body}{'' if body.endswith(newline) else newline}{margin}sources:{newline}{lines}"
    key_end = sources.start_mark.index
    bare = body[:key_end] + body[sources.end_mark.index :]
    at = _line_after(bare, key_end, len(margin) + 2)
    return f"{bare[:at]}{'' if bare[:at].endswith(newline) else newline}{lines}{bare[at:]}"


def _dash(text: str, sources: SequenceNode) -> int:
    """The column of the dashes; the mark of a sequence with an anchor is the anchor's."""
    start = sources.value[-1].start_mark
    own = re.match(r"[ ]*(?=-)", text[start.index - start.column :])
    return len(own[0]) if own else int(sources.start_mark.column)


def _entry(source: Source, sources: SequenceNode, dash: int) -> list[str]:
    """The lines of the new entry, as the last one is written: on one line or several, apart or close."""
    last = sources.value[-1]
    key = max(last.start_mark.column, dash + 2)
    first, *rest = _dumped(source, flow=bool(last.flow_style)).splitlines()
    apart = len(sources.value) > 1 and _last_part(sources.value[-2]).end_mark.line + 1 < last.start_mark.line
    lines = [f"{'-':<{key - dash}}{first}", *(" " * (key - dash) + line for line in rest)]
    return [""] * apart + [" " * dash + line for line in lines]


def _dumped(source: Source, *, flow: bool) -> str:
    """The entry as YAML: every key whose value is not what it would be without it."""
    said = _said(source)
    out, yaml = StringIO(), YAML(typ="rt")
    yaml.width, yaml.default_flow_style, yaml.allow_unicode = _KEPT_WIDTH, flow, True
    yaml.dump(said, out)
    return out.getvalue().strip()


def _said(entry: Source | Selectors) -> dict[str, Any]:
    """The fields that differ from their defaults, as the file would have them."""
    said: dict[str, Any] = {}
    for field in fields_of(entry):
        match getattr(entry, field.name):
            case value if value == field.default:
                continue
            case int(seconds) if field.name == "interval_s":
                said["interval"] = _duration(seconds)
            case Selectors() as inner:
                said[field.name] = _said(inner)
            case Enum(value=value) | value:
                said[field.name] = _quoted(value) if isinstance(value, str) else value
    return said


def _duration(seconds: int) -> str:
    unit, name = next(one for one in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")) if seconds % one[0] == 0)
    return f"{seconds // unit}{name}"


def _quoted(text: str) -> str:
    """In quotation marks where it begins with a sign: ruamel writes `?0` in braces without them and cannot read it."""
    return text if text[:1].isalnum() else DoubleQuotedScalarString(text)


def _last_part(node: Node) -> Node:
    """The node with which the text of `node` ends; the mark of a block is only where the next thing begins."""
    if isinstance(node, (MappingNode, SequenceNode)) and not node.flow_style and node.value:
        return _last_part(node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1])
    return node


def _line_after(text: str, end: int, dash: int) -> int:
    """The start of the line after `end`, and after the comments there that are indented as the entry is."""
    end = len(text[:end].rstrip())
    comment = re.compile(rf"[ ]{{{max(dash, 1)},}}#")
    at = text.find("\n", end) + 1
    while at and comment.match(text, at):
        at = text.find("\n", at) + 1
    return at or len(text)


def _replace(path: Path, text: str, source: Source, before: Config) -> None:
    """Write beside the file, prove what was written, and put it in the file's place."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        _prove(new, path, source, before)
        shutil.copymode(path, new)
        new.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            new.unlink()


def _prove(new: Path, path: Path, source: Source, before: Config) -> None:
    try:
        after = load_config(new)
    except ConfigError as error:
        raise ConfigError([mistake.replace(str(new), str(path), 1) for mistake in error.mistakes]) from error
    if after != replace(before, sources=(*before.sources, source)):
        raise ConfigError([f"{path}: is written in a way that cannot be added to. Put this under sources: yourself:\n\n"
                           f"{as_yaml(source)}"])  # fmt: skip
