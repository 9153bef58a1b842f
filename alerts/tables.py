"""Facts as CSV, and all of a day book as JSON: every row, nothing capped, the same columns in both."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Sequence

from alerts.clean import one_line, web_url
from alerts.digest.names import Names
from alerts.wording import claim_words, value_words
from storage.codec import iso, iso_or_none
from storage.model import Change, DayBook, Fact, Slot, SourceReport, Story, Unannounced, Value

Row = dict[str, str | int | None]
FACT_COLUMNS = (
    "id", "franchise", "work", "work_title", "kind", "season", "part", "role", "region", "person", "value", "date",
    "earliest", "latest", "action", "text", "platform", "character", "status", "tier", "since_at", "last_claimed_at",
    "sources", "origins",
)  # fmt: skip
_FORMULA = re.compile(r"^\s*[=+\-@\t\r\n|%＝＋－＠]")
"""What makes a spreadsheet read a cell as a formula or a command (OWASP, CSV Injection), full-width forms included."""


def facts_csv(book: DayBook) -> str:
    """All current facts as CSV (RFC 4180: CRLF, header row); a cell that a spreadsheet would run begins with `'`."""
    names = Names(book)
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, FACT_COLUMNS)
    writer.writeheader()
    for fact in book.facts:
        writer.writerow({column: _cell(value) for column, value in _fact(fact, names).items()})
    return table.getvalue()


def book_json(book: DayBook) -> str:
    """Everything a digest of this period is made of, each list whole; facts have the columns of the CSV."""
    names = Names(book)
    return _dumps(
        {
            "since_at": iso(book.since_at),
            "until_at": iso(book.until_at),
            "changes": [_change(change, names) for change in book.changes],
            "facts": [_fact(fact, names) for fact in book.facts],
            "unannounced": [_question(question, names) for question in book.unannounced],
            "stories": [_story(story) for story in book.stories],
            "sources": [_source(report) for report in book.sources],
        }
    )


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _cell(value: str | int | None) -> str | int | None:
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def _fact(fact: Fact, names: Names) -> Row:
    row = _slot(fact.slot, names) | _value(fact.value)
    return row | {
        "status": fact.status.value,
        "tier": fact.tier.value,
        "since_at": iso(fact.since_at),
        "last_claimed_at": iso(fact.last_claimed_at),
        "sources": len(fact.origins),
        "origins": _list(fact.origins),
    }


def _slot(slot: Slot, names: Names) -> Row:
    work = names.works.get(slot.work_id)
    return {
        "id": _text(slot.id),
        "franchise": _text(work.franchise_id) if work else None,
        "work": _text(slot.work_id),
        "work_title": names.work(slot.work_id),
        "kind": slot.kind.value,
        "season": slot.season,
        "part": _text(slot.part),
        "role": _text(slot.role),
        "region": _text(slot.region),
        "person": _text(slot.person),
    }


def _value(value: Value | None) -> Row:
    value = value or Value()
    date = value.date
    return {
        "value": one_line(value_words(value), 300),
        "date": _text(date.edtf) if date else None,
        "earliest": date.earliest.isoformat() if date and date.earliest > dt.date.min else None,
        "latest": date.latest.isoformat() if date and date.latest < dt.date.max else None,
        "action": _text(value.action),
        "text": _text(value.text),
        "platform": _text(value.platform),
        "character": _text(value.character),
    }


def _change(change: Change, names: Names) -> dict[str, object]:
    claim = change.claim
    return {
        "id": _text(change.id),
        "change": change.kind.value,
        "slot": _slot(change.slot, names),
        "old": _value(change.old),
        "new": _value(change.new),
        "status": change.status.value,
        "at": iso(change.at),
        "old_since_at": iso_or_none(change.old_since_at),
        "source": _text(claim.source_id),
        "attributed_to": _text(claim.attributed_to),
        "tier": claim.tier.value,
        "sentence": one_line(claim.sentence),
        "url": web_url(claim.url),
        "supersedes": _text(change.supersedes),
        "note": _text(change.note),
    }


def _question(question: Unannounced, names: Names) -> dict[str, object]:
    return {
        "slot": _slot(question.slot, names),
        "since_at": iso_or_none(question.since_at),
        "last_said_at": iso_or_none(question.last_said_at),
        "sentence": _text(question.sentence),
        "url": web_url(question.url),
    }


def _story(story: Story) -> dict[str, object]:
    return {
        "title": one_line(story.title, 300),
        "told": [one_line(claim_words(claim), 200) for claim in story.claims],
        "sources": [_text(source) for source in story.sources],
        "items": [_text(item) for item in story.item_ids],
        "first_at": iso(story.first_at),
    }


def _source(report: SourceReport) -> dict[str, object]:
    state = report.state
    return {
        "id": _text(report.source.id),
        "name": _text(report.source.name),
        "tier": report.source.tier.value,
        "enabled": report.source.enabled,
        "health": state.health.value,
        "reason": _text(state.reason),
        "last_success_at": iso_or_none(state.last_success_at),
        "last_new_item_at": iso_or_none(state.last_new_item_at),
        "items_in_period": report.items_in_period,
    }


def _text(text: str | None) -> str | None:
    return one_line(text) if text else None


def _list(names: Iterable[str] | Sequence[str]) -> str:
    return "; ".join(one_line(name, 80) for name in names)
