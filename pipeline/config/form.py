"""What sources.yaml may say: private pydantic models, one a level of the file, and the values that stand in them.

Every field's description is what an editor shows; docs/configuration.md must list every field.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    WithJsonSchema,
    model_validator,
)

from pipeline.config import values
from pipeline.config.words import HOW_TO_REFER
from storage.model import ChangeKind, Config, Kind, PartialDate, SourceKind, Tier


def _as_text(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


_Text = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(values.printable)]
_Id = Annotated[_Text, AfterValidator(values.identifier), _as_text("^[a-z0-9]+(-[a-z0-9]+)*$", "for-all-mankind")]
_Url = Annotated[_Text, AfterValidator(values.address), _as_text("^https?://", "https://example.org/feed/")]
_Interval = Annotated[int, PlainValidator(values.duration_s), _as_text(r"^((\d+) ?(d|h|min|m|s) ?)+$", "1h", "30m")]
_Days = Annotated[dt.timedelta, PlainValidator(values.days), _as_text(r"^\d{1,5} ?(d|w|y)$", "90d", "12w", "2y")]
_Clock = Annotated[dt.time, PlainValidator(values.clock), _as_text(r"^\d{1,2}:\d\d$", "07:00")]
_Quiet = Annotated[
    tuple[dt.time, dt.time], PlainValidator(values.span), _as_text(r"^\d{1,2}:\d\d *- *\d{1,2}:\d\d$", "22:00-07:00")
]
_Day = Annotated[
    PartialDate,
    PlainValidator(values.partial_date),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["2026-03-27", "2026-03", "2026"]}),
]
_Css = Annotated[_Text, AfterValidator(values.selector)]
_Season = Annotated[int, Field(ge=1, le=500)]
_Language = Annotated[_Text, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", examples=["en", "es", "pt-BR"])]
_EnvName = Annotated[_Text, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


# --- what the file may say -------------------------------------------------------------------------------------------


class Model(BaseModel):
    # Factories stand for defaults whose value is not what the file would say, so that none of them is in the schema.
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Known(Model):
    seasons: list[_Season] = Field([], description="Numbers of the seasons that are out or announced.")
    cast: list[_Text] = Field([], description="Names that are not news when they are cast.")
    release_dates: dict[Annotated[int, Field(ge=0, le=500)], _Day] = Field(
        {}, description="Premiere by season number; 0 for a work without seasons."
    )
    ended: bool = Field(False, description="True when its end is known.")


class Work(Model):
    id: _Id = Field(description="The key in the store; never change it.")
    title: _Text = Field(description="As the press writes it.")
    kind: Literal["series", "film", "game", "book", "unknown"] = Field("series", description="What it is.")
    aliases: list[_Text] = Field([], description="Other names it goes by.")
    people: list[_Text] = Field([], description="Makers and stars whose names may stand for it.")
    companions: list[_Text] = Field(
        [], description="For a short or common title: words one of which must stand near it."
    )
    parent: _Text | None = Field(None, description="The id of the work it is a spin-off of.")
    known: Known = Field(
        default_factory=Known.model_construct, description="What you know already, so that it is never announced."
    )


class Franchise(Model):
    id: _Id = Field(description="The key in the store; never change it.")
    title: _Text = Field(description="The name of the fictional universe.")
    works: list[Work] = Field(min_length=1, description="Its series, films, games and books.")


class Selectors(Model):
    item: _Css = Field(description="The element that is repeated, one a piece of news.")
    title: _Css | None = Field(None, description="Inside the item: its headline.")
    link: _Css | None = Field(None, description="Inside the item: the link to the piece.")
    date: _Css | None = Field(None, description="Inside the item: when it was published.")
    summary: _Css | None = Field(None, description="Inside the item: its first words.")


class Source(Model):
    id: _Id = Field(description="The key in the store; never change it.")
    name: _Text = Field(description="The outlet, as alerts and digests name it.")
    kind: SourceKind = Field(
        description="feed (RSS, Atom, JSON Feed), page (HTML, with selectors or region) or sitemap (news)."
    )
    url: _Url = Field(description="Where it is.")
    tier: Tier = Field(description="How close it stands to those who decide; official weighs most.")
    interval: _Interval = Field(
        default_factory=lambda: 3600, description="How often it is asked; 1h where left out, 15m at the fastest."
    )
    selectors: Selectors | None = Field(None, description="For a page that lists pieces of news.")
    region: _Css | None = Field(None, description="For a page watched as a whole: the part whose change is news.")
    language: _Language | None = Field(None, description="Where the source does not say it itself.")
    full_text: bool = Field(False, description="Read the linked articles too; costs a request for each.")
    allow_private: bool = Field(False, description="Allow an address in your own network.")
    enabled: bool = Field(True, description="false keeps it here without asking it.")


def _or_loopback(schema: dict[str, Any]) -> None:
    reference = schema | {"minProperties": 1, "maxProperties": 1}
    schema.clear()
    schema["anyOf"] = [reference, {"type": "string", "pattern": r"^https?://(localhost|127\.|\[::1\])"}]


class Ref(Model):
    model_config = ConfigDict(json_schema_extra=_or_loopback)

    env: _EnvName | None = Field(None, description="The environment variable that holds it, or its file as NAME_FILE.")
    file: _Text | None = Field(None, description="The file that holds it; relative to this one.")
    command: _Text | None = Field(None, description="The command that prints it.")
    _literal: str | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _exactly_one(self) -> Ref:
        if sum(value is not None for value in (self.env, self.file, self.command, self._literal)) != 1:
            raise ValueError("needs exactly one of env, file and command, for example {env: NAME}")
        return self


def _reference(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not values.is_loopback(value):
        raise ValueError(HOW_TO_REFER)
    reference = Ref.model_construct()
    reference._literal = value
    return reference


class Target(Model):
    id: _Id = Field(description="The name routes use for it.")
    format: Literal["webhook", "discord", "slack", "teams", "telegram", "ntfy", "email", "apprise"] = Field(
        description="The shape of its messages."
    )
    url: Annotated[Ref, BeforeValidator(_reference)] = Field(description="Where the secret address is found.")
    secret: Annotated[Ref, BeforeValidator(_reference)] | None = Field(
        None, description="Where the signing secret of a webhook is found."
    )
    optional: bool = Field(False, description="true: while it is not set, alerts wait and nothing fails.")
    allow_private: bool = Field(False, description="Allow an address in your own network.")
    options: dict[_Text, _Text] = Field({}, description="What only this format needs.")


class Route(Model):
    id: _Id = Field(description="The name in `alerts list`; never change it.")
    target: _Text = Field(description="The id of a target.")
    works: list[_Text] = Field([], description="Ids of works; empty means all.")
    kinds: list[Kind] = Field([], description="What it is about; empty means all.")
    changes: list[ChangeKind] = Field([], description="How it changed; empty means what alerts by default.")
    roles: list[Literal["premiere", "finale", "theatrical", "streaming", "digital", "physical", "rerelease"]] = Field(
        [], description="Which release dates; empty means all."
    )
    min_status: Literal["rumoured", "reported", "confirmed"] = Field("rumoured", description="How sure it must be.")
    min_tier: Tier = Field(Tier.RUMOUR, description="How close the source must stand.")
    deliver: Literal["now", "digest", "both"] = Field("now", description="At once, in the digest, or both.")
    quiet_hours: _Quiet | None = Field(None, description="When alerts wait until morning.")
    daily_limit: Annotated[int, Field(ge=1)] | None = Field(None, description="More than so many a day are grouped.")
    show_headline: bool = Field(False, description="Show the article's headline; it may spoil.")
    remind: bool = Field(False, description="Remind the day before a release and on the day.")


class Digest(Model):
    at: _Clock = Field(default_factory=lambda: dt.time(7, 0), description="When it is written; 07:00 where left out.")
    timezone: Annotated[_Text, AfterValidator(values.timezone)] = Field("UTC", description="Whose day it is.")
    target: _Text | None = Field(None, description="The id of a target that gets it.")
    path: _Text | None = Field(None, description="A file it is written to; relative to this one.")
    format: Literal["html", "markdown", "text"] = Field("html", description="Its form.")
    show_headlines: bool = Field(False, description="Show the articles' headlines; they may spoil.")


class Retention(Model):
    texts: _Days | None = Field(
        None, description="How long bodies are kept that no fact rests on; for ever where left out."
    )


class File(Model):
    franchises: list[Franchise] = Field(min_length=1, description="What is followed.")
    sources: list[Source] = Field(min_length=1, description="Where news come from.")
    targets: list[Target] = Field([], description="Where alerts can go.")
    routes: list[Route] = Field([], description="Which changes go to which target.")
    digest: Digest = Field(default_factory=Digest.model_construct, description="The daily page.")
    retention: Retention = Field(default_factory=Retention.model_construct, description="How long texts are kept.")
    contact_url: _Url = Field(
        Config(franchises=(), sources=()).contact_url,
        description="Named in the User-Agent, so that a publisher can reach you.",
    )


class Begun(File):
    # What `add` may find: a file that names no source yet.
    sources: list[Source] = []


class Watched(Model):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)

    title: _Text
    aliases: list[_Text] = []
    people: list[_Text] = []
    companions: list[_Text] = []
    kind: Literal["series", "film", "game", "book", "unknown"] = "unknown"
    parent: _Text | None = None
    known: Known | None = None
