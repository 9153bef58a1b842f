"""Values of `storage.model` as text: times and dates as ISO 8601, whole values as JSON, and back, exactly.

Only what the type hints of the model say is understood; a type that is not here is a mistake of ours and raises.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import functools
import json
import types
import typing
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


def iso(at: dt.datetime) -> str:
    """UTC ISO 8601 text ending in `Z`: `2027-03-27T07:00:00Z`, with six digits where the second has a fraction."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return at.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


def iso_or_none(at: dt.datetime | None) -> str | None:
    """`iso`, or None for None."""
    return None if at is None else iso(at)


def at_or_none(text: str | None) -> dt.datetime | None:
    """The aware UTC datetime that `iso` wrote, or None for None."""
    return None if text is None else dt.datetime.fromisoformat(text)


def at(text: str) -> dt.datetime:
    """The aware UTC datetime that `iso` wrote."""
    return dt.datetime.fromisoformat(text)


def to_json(value: object) -> str:
    """Compact JSON of a value of the model; fields that are None are left out."""
    return _ENCODER.encode(value)


def from_json(kind: type[T], text: str) -> T:
    """The value of type `kind` that `to_json` wrote; fields that are missing take their defaults."""
    return from_plain(kind, json.loads(text))


def from_plain(kind: type[T], plain: Any) -> T:
    """The value of type `kind` that the parsed JSON `plain` stands for."""
    reader = _reader(typing.cast("Any", kind))
    return typing.cast("T", reader(plain) if reader else plain)


def plain(text: str) -> Any:
    """Parsed JSON."""
    return json.loads(text)


def rest(value: object, columns: frozenset[str]) -> str:
    """JSON of those fields of a value that have no column of their own and differ from their defaults."""
    kind: Any = type(value)
    parts = {name: getattr(value, name) for name in _leftover(kind, columns)}
    return to_json({name: part for name, part in parts.items() if part != _leftover(kind, columns)[name]})


@functools.cache
def _leftover(kind: Any, columns: frozenset[str]) -> dict[str, Any]:
    return {each.name: each.default for each in dataclasses.fields(kind) if each.name not in columns}


def rest_of(kind: type, text: str) -> dict[str, Any]:
    """The fields that `rest` wrote, ready to be passed to `kind`."""
    known = _fields(kind)
    return {name: from_plain(known[name], each) for name, each in json.loads(text).items() if name in known}


def _plain(value: object) -> Any:
    """What JSON has no word for; the encoder comes back for the parts."""
    match value:
        case dt.datetime():
            return iso(value)
        case dt.date() | dt.time():
            return value.isoformat()
        case bytes():
            return base64.b64encode(value).decode("ascii")
        case Mapping():
            return dict(value)
    kind: Any = type(value)
    parts = ((name, getattr(value, name)) for name in _fields(kind))
    return {name: part for name, part in parts if part is not None}


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)


_Reader = Callable[[Any], Any]


@functools.cache
def _reader(kind: Any) -> _Reader | None:
    """What makes a value of that type of parsed JSON; None where that is the value already.

    Made once for each type, and nothing is called for plain text, since facts are read by the thousand.
    """
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = _reader(next(argument for argument in arguments if argument is not types.NoneType))
        return inner and (lambda plain: None if plain is None else inner(plain))
    if origin is tuple:
        return _tuple_reader(arguments)
    if origin is not None and issubclass(origin, Mapping):
        key, value = arguments[0], _reader(arguments[1]) or _as_it_is
        return lambda plain: {key(name): value(each) for name, each in plain.items()}
    return _single_reader(kind)


def _as_it_is(plain: Any) -> Any:
    return plain


def _tuple_reader(arguments: tuple[Any, ...]) -> _Reader:
    if arguments[-1] is Ellipsis:
        every = _reader(arguments[0])
        return (lambda plain: tuple(map(every, plain))) if every else tuple
    readers = [_reader(argument) or _as_it_is for argument in arguments]
    return lambda plain: tuple(reader(each) for reader, each in zip(readers, plain, strict=True))


def _single_reader(kind: Any) -> _Reader | None:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _record_reader(kind)
    if kind in (dt.datetime, dt.date, dt.time):
        read: _Reader = kind.fromisoformat
        return read
    if kind is bytes:
        return base64.b64decode
    if kind in (str, int, bool):
        return None
    if kind is float:
        return float
    if issubclass(kind, StrEnum):
        return {member.value: member for member in kind}.__getitem__
    raise TypeError(f"{kind} is no type of the model")


def _record_reader(kind: Any) -> _Reader:
    known = _fields(kind).keys()
    readers = [(name, reader) for name, hint in _fields(kind).items() if (reader := _reader(hint))]

    def read(plain: dict[str, Any]) -> Any:
        fields = plain.copy() if plain.keys() <= known else {name: plain[name] for name in plain.keys() & known}
        for name, reader in readers:
            if name in fields:
                fields[name] = reader(fields[name])
        return kind(**fields)

    return read


@functools.cache
def _fields(kind: Any) -> dict[str, Any]:
    """Types by name; TypeError for what is no value of the model."""
    names = [each.name for each in dataclasses.fields(kind)]
    hints = typing.get_type_hints(kind)
    return {name: hints[name] for name in names}
