"""What is wrong, in the words of the file: pydantic's complaints translated, and what no entry sees alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel

from alerts.formats import REQUIRED_OPTIONS
from pipeline.config.tree import Loc
from pipeline.config.values import is_private
from pipeline.config.words import nearest, shown, slug


def place(detail: Mapping[str, Any]) -> tuple[Loc, bool]:
    """Where a pydantic error is, and whether its key is meant rather than its value."""
    loc = detail["loc"]
    if loc and loc[-1] == "[key]":
        return loc[:-1], True
    return loc, detail["type"] == "extra_forbidden"


def said(detail: Mapping[str, Any], top: type[BaseModel]) -> str:
    """A pydantic error in the words of the file, with what is allowed and the nearest spelling."""
    name = _name(detail["loc"])
    given, context = detail["input"], detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return _unknown_key(name, _model_at(detail["loc"][:-1], top))
        case "missing":
            return f'"{name}" is missing{_example(name, given)}'
        case "enum" | "literal_error":
            allowed = re.findall(r"'([^']*)'", context["expected"])
            return f'"{name}" is {shown(given)} but must be one of {", ".join(allowed)}{nearest(given, allowed)}'
        case "value_error":
            return f'"{name}" {context["error"]}'
        case "string_pattern_mismatch" if name == "env":
            return '"env" must be the name of an environment variable, for example FRANCHISE_WATCH_WEBHOOK_URL'
        case "string_pattern_mismatch":
            return f'"{name}" must be a language code, for example en, es or pt-BR'
        case "int_parsing" | "int_type" | "int_from_float":
            return f'"{name}" must be a whole number, not {shown(given)}'
        case "bool_parsing" | "bool_type":
            return f'"{name}" must be true or false, not {shown(given)}'
        case "greater_than_equal" | "less_than_equal":
            return f'"{name}" is {shown(given)} but must be {detail["msg"].removeprefix("Input should be ")}'
        case "string_too_short":
            return f'"{name}" is empty'
        case "string_too_long":
            return f'"{name}" is longer than {context["max_length"]} characters'
        case "too_short":
            return f'"{name}" needs at least one entry{_example(name, given)}'
        case "list_type":
            return f'"{name}" must be a list: [one, two], or a line "- one" for each'
        case "string_type":
            return f'"{name}" must be one text'
    return f'"{name}" must be a mapping of keys: "key: value" on a line for each'


def _name(loc: Loc) -> str:
    """The key of the file that the place belongs to; entries of a free mapping go by the mapping's name."""
    names = [str(part) for part in loc if isinstance(part, str)]
    free = next((name for name in names if name in ("release_dates", "options")), None)
    return free or (names[-1] if names else "the file")


def _example(name: str, entry: Any) -> str:
    if name == "sources":
        return "; `franchise-watch add URL` finds a feed and writes the first"
    if not isinstance(entry, Mapping):
        return ""
    called = entry.get("title", entry.get("name"))
    return f"; for example id: {slug(called)}" if name == "id" and isinstance(called, str) else ""


def _unknown_key(key: str, level: type[BaseModel]) -> str:
    allowed = list(level.model_fields)
    return f"unknown key {shown(key)}; allowed here: {', '.join(allowed)}{nearest(key, allowed)}"


def _model_at(loc: Loc, top: type[BaseModel]) -> type[BaseModel]:
    found = top
    for part in loc:
        if isinstance(part, str):
            found = next(m for m in _members(found.model_fields[part].annotation) if issubclass(m, BaseModel))
    return found


def _members(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from _members(argument)


def cross_checks(data: object) -> Iterator[tuple[Loc, str]]:
    """Mistakes between entries, on the raw tree: whatever is malformed is left to the models."""
    works = [((*loc, "works", i), w) for loc, f in _entries(data, "franchises") for (_, i), w in _entries(f, "works")]
    sources, targets, routes = (list(_entries(data, key)) for key in ("sources", "targets", "routes"))
    for group in (list(_entries(data, "franchises")), works, sources, targets, routes):
        yield from _taken(group, "id")
    yield from _taken(sources, "url")
    work_ids, target_ids = _ids(works), _ids(targets)
    yield from _parents(works, work_ids)
    for loc, route in routes:
        yield from _dangling((*loc, "target"), route.get("target"), target_ids, "targets")
        for i, work in enumerate(_list(route.get("works"))):
            yield from _dangling((*loc, "works", i), work, work_ids, "works")
    digest = data.get("digest") if isinstance(data, dict) else None
    if isinstance(digest, dict):
        yield from _dangling(("digest", "target"), digest.get("target"), target_ids, "targets")
    for loc, source in sources:
        yield from _reading(loc, source)
    for loc, target in targets:
        yield from _options(loc, target)
    for loc, entry in (*sources, *targets):
        yield from _private(loc, entry)


def _entries(data: object, key: str) -> Iterator[tuple[tuple[str, int], dict[str, Any]]]:
    if isinstance(data, dict):
        for i, entry in enumerate(_list(data.get(key))):
            if isinstance(entry, dict):
                yield (key, i), entry


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _ids(entries: Iterable[tuple[Loc, Mapping[str, Any]]]) -> list[str]:
    return [entry["id"] for _, entry in entries if isinstance(entry.get("id"), str)]


def _taken(entries: Iterable[tuple[Loc, Mapping[str, Any]]], key: str) -> Iterator[tuple[Loc, str]]:
    seen: set[str] = set()
    for loc, entry in entries:
        value = entry.get(key)
        if isinstance(value, str):
            if value in seen:
                yield (*loc, key), f'"{key}" {shown(value)} is already taken by an entry above'
            seen.add(value)


def _dangling(loc: Loc, name: object, ids: Sequence[str], where: str) -> Iterator[tuple[Loc, str]]:
    if isinstance(name, str) and name not in ids:
        listed = f"{', '.join(ids[:20])}{'…' if len(ids) > 20 else ''}"
        allowed = f"there is {listed}" if ids else f"there are no {where}"
        yield loc, f"{shown(name)} is not the id of one of the {where}; {allowed}{nearest(name, ids)}"


def _parents(works: Sequence[tuple[Loc, Mapping[str, Any]]], ids: Sequence[str]) -> Iterator[tuple[Loc, str]]:
    parents = {work.get("id"): work.get("parent") for _, work in works if isinstance(work.get("id"), str)}
    for loc, work in works:
        yield from _dangling((*loc, "parent"), work.get("parent"), ids, "works")
        line, above = [work.get("id")], work.get("parent")
        while isinstance(above, str) and above not in line:
            line.append(above)
            above = parents.get(above)
        if isinstance(above, str) and above == line[0]:
            yield (*loc, "parent"), f'"parent" leads back to itself: {" → ".join(map(shown, (*line, above)))}'


def _reading(loc: Loc, source: Mapping[str, Any]) -> Iterator[tuple[Loc, str]]:
    """Only a page says how it is read, and in one way; without any, its headline links are its items."""
    ways = [key for key in ("selectors", "region") if key in source]
    if source.get("kind") == "page" and len(ways) == 2:
        yield (*loc, "region"), 'a page has "selectors" or "region", not both'
    if source.get("kind") in ("feed", "sitemap"):
        yield from (((*loc, way), f'"{way}" is for kind: page; this is a {source["kind"]}') for way in ways)


def _options(loc: Loc, target: Mapping[str, Any]) -> Iterator[tuple[Loc, str]]:
    options = target.get("options", {})
    for name in REQUIRED_OPTIONS.get(str(target.get("format")), ()):
        if isinstance(options, dict) and name not in options:
            example = f"options: {{{name}: ...}}"
            yield (*loc, "format"), f'a target of format {target["format"]} needs "{name}"; write {example}'


def _private(loc: Loc, entry: Mapping[str, Any]) -> Iterator[tuple[Loc, str]]:
    allowed = str(entry.get("allow_private", "")).lower() in ("true", "yes", "on", "1")
    if isinstance(entry.get("url"), str) and not allowed and is_private(entry["url"]):
        yield (*loc, "url"), '"url" is an address in your own network; add allow_private: true if that is meant'
