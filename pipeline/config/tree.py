"""YAML as a tree of nodes that know their place, and the mistakes that only the text shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from pipeline.config.words import HOW_TO_REFER, SECRET, shown
from storage.errors import ConfigError

Loc = tuple[str | int, ...]
"""The way to a value from the top of the file: `("sources", 3, "url")`."""


def parse(path: Path) -> Node:
    """The file's top mapping; ConfigError where it is not YAML, or with what to do where there is no file."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
        root = YAML(typ="safe", pure=True).compose(text)
    except FileNotFoundError:
        raise ConfigError([_no_file(path)]) from None
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        line, column = _line_and_column(error.object[: error.start].decode("utf-8-sig"), error.start)
        raise ConfigError([f"{path}:{line}:{column}: is not UTF-8 here; save the file as UTF-8"]) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise ConfigError([f"{path}:{where}: {_yaml_problem(error)}"]) from None
    except ReaderError as error:
        line, column = _line_and_column(text, error.position)
        raise ConfigError([f"{path}:{line}:{column}: a control character; YAML does not allow it, remove it"]) from None
    except RecursionError:
        raise ConfigError([f"{path}:1:1: is nested too deeply"]) from None
    if not isinstance(root, MappingNode):
        raise ConfigError([f"{path}:1:1: {_no_mapping(root)}"])
    return root


_SHORTEST = """\
franchises:
  - id: for-all-mankind
    title: For All Mankind
    works:
      - {id: for-all-mankind, title: For All Mankind}
sources:
  - {id: deadline, name: Deadline, kind: feed, url: "https://deadline.com/feed/", tier: trade}
"""


def _no_file(path: Path) -> str:
    return f"{path}: no such file. Name yours with --config, or write one; this is enough to begin:\n\n{_SHORTEST}"


def _no_mapping(root: Node | None) -> str:
    found = "is empty" if root is None else "is not a mapping of keys"
    return f"{found}; it needs at least the keys franchises and sources"


def _line_and_column(text: str, index: int) -> tuple[int, int]:
    before = text[:index]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _yaml_problem(error: MarkedYAMLError) -> str:
    """YAML's own complaint, led by what to do where the cause is a usual one."""
    problem = " ".join(part for part in (error.context, error.problem) if part)
    cures = {
        "mapping values are not allowed": 'a text with ": " in it needs quotation marks',
        r"'\t'": "indent with spaces, not tabs",
        "expected <block end>": "the indentation does not line up with the lines above",
        "cannot start any token": "a text that begins with this character needs quotation marks",
        "quoted scalar": "a quotation mark is not closed",
        "expected ',' or": "a bracket is not closed, or a comma is missing",
        "another document": "there must be one document; remove the line ---",
    }
    cure = next((f"{cure} " for sign, cure in cures.items() if sign in problem), "")
    return f"{cure}({problem})" if cure else f"is not YAML: {problem}"


def plain(node: Node, seen: dict[int, Any]) -> Any:
    """Dicts, lists and text; keys without a value are left out. Aliases stay shared, so no bomb goes off."""
    if id(node) in seen:
        return seen[id(node)]
    if isinstance(node, MappingNode):
        mapping: dict[str, Any] = {}
        seen[id(node)] = mapping
        mapping.update((str(k.value), plain(v, seen)) for k, v in node.value if not _is_null(v))
        return mapping
    if isinstance(node, SequenceNode):
        sequence: list[Any] = []
        seen[id(node)] = sequence
        sequence.extend(plain(child, seen) for child in node.value)
        return sequence
    return None if _is_null(node) else node.value


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style is None and node.value in ("", "~", "null", "Null", "NULL")


def position(root: Node, loc: Loc, at_key: bool = False) -> tuple[int, int]:
    """Line and column, from 1, of the value at `loc` or of its key; of the nearest thing around it if it is missing."""
    node, mark = root, root.start_mark
    for depth, part in enumerate(loc, start=1):
        if isinstance(node, MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if pair is None:
                break
            node = pair[1]
            mark = pair[0 if _is_null(node) or (at_key and depth == len(loc)) else 1].start_mark
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            mark = node.start_mark
        else:
            break
    return _place(mark)


def _nodes(node: Node, seen: set[int]) -> Iterator[Node]:
    if id(node) in seen:
        return
    seen.add(id(node))
    yield node
    if isinstance(node, MappingNode):
        for pair in node.value:
            for child in pair:
                yield from _nodes(child, seen)
    elif isinstance(node, SequenceNode):
        for child in node.value:
            yield from _nodes(child, seen)


Found = tuple[int, int, str]
"""Line, column and message of a mistake."""


def repeated_keys(root: Node) -> Iterator[Found]:
    """Keys that stand twice in one mapping, where YAML would silently take one of the values."""
    for node in _nodes(root, set()):
        if isinstance(node, MappingNode):
            lines: dict[str, int] = {}
            for key, _ in node.value:
                name = str(key.value)
                if name in lines:
                    message = f"the key {shown(name)} stands here twice, first in line {lines[name]}"
                    yield *_place(key.start_mark), message
                lines.setdefault(name, key.start_mark.line + 1)


def secrets(root: Node) -> Iterator[Found]:
    """Signing secrets and webhook addresses, wherever they stand."""
    for node in _nodes(root, set()):
        if isinstance(node, ScalarNode) and SECRET.search(node.value):
            yield *_place(node.start_mark), f"this {HOW_TO_REFER}"


def _place(mark: StreamMark) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def in_order(secrets: Iterable[Found], others: Iterable[Found]) -> list[Found]:
    """By place; where a secret stands, nothing else is said."""
    found = set(secrets)
    places = {(line, column) for line, column, _ in found}
    return sorted(found | {other for other in others if other[:2] not in places})
