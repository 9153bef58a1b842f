"""The words of a language as tables, read once from `lexicon/<language>/`.

What passes here is data: every YAML file's top-level keys are tables, each a mapping surface form → value or a list of
surface forms; a `.txt` file is one long list, one form a line, named by the file. What the words mean is decided by
whoever asks for a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from storage.errors import RuleError

FOLDER = Path(__file__).with_name("lexicon")

_STRING, _INTEGER = "tag:yaml.org,2002:str", "tag:yaml.org,2002:int"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tables:
    """All tables of one language by name, in the order of the files. Hashed by identity, so that it may key a cache."""

    language: str
    tables: Mapping[str, Mapping[str, str | int]]

    def __getitem__(self, name: str) -> Mapping[str, str | int]:
        """Surface form → value; a list of forms maps each to itself. KeyError where there is no such table."""
        return self.tables[name]

    def words(self, name: str) -> Set[str]:
        """The surface forms of a table as a set (a view, not a copy)."""
        return self.tables[name].keys()


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages there are tables for, in order: `("en", "es")`."""
    return tuple(sorted(path.name for path in FOLDER.iterdir() if path.is_dir()))


@lru_cache(maxsize=16)
def load_tables(language: str) -> Tables:
    """The tables of a language ("en"). RuleError names what is wrong with file and line, or the languages there are."""
    if language not in languages():
        raise RuleError(f'there is no lexicon for "{language}"; there is one for {", ".join(languages())}')
    return read_tables(FOLDER / language)


@lru_cache(maxsize=16)
def everyday_words(tables: Tables) -> frozenset[str]:
    """The common and the function words of a language: what begins with a capital and is one of them is no name yet."""
    return frozenset(tables.words("common_words") | tables.words("function_words"))


@lru_cache(maxsize=16)
def plain_words(tables: Tables) -> frozenset[str]:
    """The words of a language that are no title by themselves, even with a capital."""
    return frozenset(tables.words("not_titles") | tables.words("function_words"))


def read_tables(folder: Path) -> Tables:
    """The tables in the files of `folder`. RuleError with file and line for what is malformed or said twice."""
    tables: dict[str, Mapping[str, str | int]] = {}
    origin: dict[str, str] = {}
    for path in sorted(folder.iterdir()):
        for name, place, table in _read(path):
            if name in tables:
                raise RuleError(f'{place}: table "{name}" is already in {origin[name]}; give each table one place')
            tables[name], origin[name] = table, place
    return Tables(language=folder.name, tables=tables)


def _read(path: Path) -> Iterator[tuple[str, str, Mapping[str, str | int]]]:
    try:
        if path.suffix == ".yaml":
            yield from _read_yaml(path)
        elif path.suffix == ".txt":
            yield path.stem, f"{path.name}:1", _read_list(path)
    except UnicodeDecodeError as error:
        raise RuleError(f"{path.name}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error


def _read_list(path: Path) -> Mapping[str, str | int]:
    forms: dict[str, str | int] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        form = line.strip()
        if form in forms:
            raise RuleError(f'{path.name}:{number}: "{form}" is there twice; delete one')
        if form and not form.startswith("#"):
            forms[form] = form
    return forms


def _read_yaml(path: Path) -> Iterator[tuple[str, str, Mapping[str, str | int]]]:
    try:
        root = YAML(typ="safe").compose(path.read_text(encoding="utf-8"))
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise RuleError(f"{path.name}:{line}: is not YAML: {error.problem}") from error
    if root is None:
        return
    if not isinstance(root, MappingNode):
        raise RuleError(f"{_place(path, root)}: must be tables by name (`months: {{january: 1}}`)")
    seen: set[str] = set()
    for key, node in root.value:
        name = _string(path, key)
        if name in seen:
            raise RuleError(f'{_place(path, key)}: table "{name}" is there twice; join them')
        seen.add(name)
        yield name, _place(path, key), _table(path, node)


def _table(path: Path, node: Node) -> Mapping[str, str | int]:
    forms: dict[str, str | int] = {}
    match node:
        case MappingNode():
            pairs = node.value
        case SequenceNode():
            pairs = [(item, item) for item in node.value]
        case _:
            raise RuleError(f"{_place(path, node)}: a table must be a list of forms or a mapping form: value")
    for key, value in pairs:
        form = _string(path, key)
        if form in forms:
            raise RuleError(f'{_place(path, key)}: "{form}" is there twice; delete one')
        forms[form] = _value(path, value)
    return forms


def _string(path: Path, node: Node) -> str:
    if not isinstance(node, ScalarNode) or node.tag != _STRING or not node.value:
        shown = node.value if isinstance(node, ScalarNode) else "a collection"
        raise RuleError(f'{_place(path, node)}: {shown} must be a string; write it in quotation marks ("{shown}")')
    return str(node.value)


def _value(path: Path, node: Node) -> str | int:
    if isinstance(node, ScalarNode) and node.tag == _INTEGER:
        return int(node.value)
    return _string(path, node)


def _place(path: Path, node: Node) -> str:
    return f"{path.name}:{node.start_mark.line + 1}"
