"""sources.yaml → frozen values: every mistake at once, each with file:line:column.

Text goes in, `storage.model.Config` comes out. `tree` reads YAML as nodes that know their place; every plain value
stays text (`title: 1923` is a title) until the pydantic models of `form` give it its type, so they are at once the
check, the defaults, the words in the documentation and the JSON Schema for editors. What one model cannot see (an id
used twice, the name of another entry) is checked by `mistakes` on the raw tree: one mistake never hides another.
What does not belong here: resolving a secret reference, which happens when sending, and anything that fetches.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from pipeline.config import form, tree
from pipeline.config.mistakes import cross_checks, place, said
from pipeline.config.words import slug
from storage import model
from storage.errors import ConfigError
from storage.model import Config

__all__ = ["json_schema", "load_config", "slug", "watch_config"]


def load_config(path: Path, *, begun: bool = False) -> Config:
    """Read sources.yaml; relative file names in it (secrets, the digest) are meant from its own folder.

    With `begun` it may lack its first source, which is otherwise a mistake.
    Raises ConfigError with every mistake as `file:line:column: message`, in the order of the file.
    """
    root = tree.parse(path)
    data = tree.plain(root, {})
    found = list(tree.repeated_keys(root))
    found += [(*tree.position(root, loc), message) for loc, message in cross_checks(data)]
    try:
        file = (form.Begun if begun else form.File).model_validate(data)
    except ValidationError as error:
        details = [dict(detail) for detail in error.errors(include_url=False)]
        found += [(*tree.position(root, *place(detail)), said(detail, form.File)) for detail in details]
    if mistakes := tree.in_order(tree.secrets(root), found):
        raise ConfigError([f"{path}:{line}:{column}: {message}" for line, column, message in mistakes])
    return _frozen(file, path.parent)


def watch_config(rows: Sequence[Mapping[str, Any]]) -> Config:
    """Stand-in for sources.yaml of the filters: `{title, aliases?, people?, companions?, parent?, known?, kind?}` rows.

    Each row becomes a franchise of one work, whose id is the slug of its title, made unique. `parent` is the title (or
    id) of another row; one that is not there lives on as the franchise's title. Other keys are ignored.
    Raises ConfigError with every mistake as `row N: message`, counted from 1.
    """
    watched, mistakes = [], []
    for number, row in enumerate(rows, start=1):
        try:
            watched.append(form.Watched.model_validate(_without_nulls(row)))
        except ValidationError as error:
            details = [dict(detail) for detail in error.errors(include_url=False)]
            mistakes += [f"row {number}: {said(detail, form.Watched)}" for detail in details]
    if mistakes:
        raise ConfigError(mistakes)
    ids = _unique([slug(row.title) for row in watched])
    by_name = {row.title.casefold(): id_ for row, id_ in zip(watched, ids, strict=True)} | {id_: id_ for id_ in ids}
    return Config(
        franchises=tuple(_watched_franchise(row, id_, by_name) for row, id_ in zip(watched, ids, strict=True)),
        sources=(),
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema of sources.yaml, for editors; kept in docs/sources.schema.json."""
    schema = form.File.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema | {"title": "sources.yaml"}


def _frozen(file: form.File, folder: Path) -> Config:
    targets = {target.id: _target(target, folder) for target in file.targets}
    digest = file.digest.model_dump() | {"target": targets.get(file.digest.target or "")}
    digest["path"] = _beside(folder, file.digest.path)
    return Config(
        franchises=tuple(_franchise(franchise) for franchise in file.franchises),
        sources=tuple(_source(source) for source in file.sources),
        routes=tuple(_route(route, targets) for route in file.routes),
        digest=model.DigestSettings(**digest),
        retention=model.RetentionSettings(texts=file.retention.texts),
        contact_url=file.contact_url,
    )


def _franchise(read: form.Franchise) -> model.Franchise:
    works = tuple(
        model.Work(**_tuples(work, "known"), franchise_id=read.id, known=_known(work.known)) for work in read.works
    )
    return model.Franchise(id=read.id, title=read.title, works=works)


def _known(read: form.Known) -> model.Known:
    return model.Known(**_tuples(read, "release_dates"), release_dates=dict(read.release_dates))


def _source(read: form.Source) -> model.Source:
    selectors = model.Selectors(**read.selectors.model_dump()) if read.selectors else None
    return model.Source(**_tuples(read, "interval", "selectors"), interval_s=read.interval, selectors=selectors)


def _route(read: form.Route, targets: Mapping[str, model.Target]) -> model.Route:
    fields = _tuples(read, "target", "min_status")
    return model.Route(**fields, target=targets[read.target], min_status=model.Status(read.min_status))


def _target(read: form.Target, folder: Path) -> model.Target:
    url, secret = _secret_ref(read.url, folder), _secret_ref(read.secret, folder) if read.secret else None
    return model.Target(**_tuples(read, "url", "secret"), url=url, secret=secret)


def _secret_ref(read: form.Ref, folder: Path) -> model.SecretRef:
    return model.SecretRef(env=read.env, file=_beside(folder, read.file), command=read.command, literal=read._literal)


def _beside(folder: Path, name: str | None) -> str | None:
    if name is None:
        return None
    with contextlib.suppress(RuntimeError):  # ~ of a user that is not there
        name = str(Path(name).expanduser())
    return str(folder / name)


def _tuples(read: BaseModel, *without: str) -> dict[str, Any]:
    """The fields of a model that go over as they are, lists as tuples."""
    fields = ((name, getattr(read, name)) for name in type(read).model_fields if name not in without)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields}


def _without_nulls(row: object) -> object:
    return {key: value for key, value in row.items() if value is not None} if isinstance(row, Mapping) else row


def _watched_franchise(row: form.Watched, id_: str, ids: Mapping[str, str]) -> model.Franchise:
    parent = ids.get((row.parent or "").casefold())
    work = model.Work(
        **_tuples(row, "known", "parent"),
        id=id_,
        franchise_id=id_,
        parent=None if parent == id_ else parent,
        known=_known(row.known) if row.known else model.Known(),
    )
    return model.Franchise(id=id_, title=row.parent or row.title, works=(work,))


def _unique(ids: Iterable[str]) -> list[str]:
    """The ids in order, the second `from` becoming `from-2`."""
    taken: set[str] = set()
    unique = []
    for wanted in ids:
        id_, n = wanted, 1
        while id_ in taken:
            n += 1
            id_ = f"{wanted}-{n}"
        taken.add(id_)
        unique.append(id_)
    return unique
