"""The names of what a day book refers to by id: works, franchises, sources."""

from __future__ import annotations

import datetime as dt

from alerts.clean import one_line
from alerts.wording import date_words, slot_words
from storage.model import DayBook, PartialDate, Slot, Work


class Names:
    """Look-ups over one day book for a reader in `zone`; what is not in it is called by its id. Every name is clean."""

    def __init__(self, book: DayBook, zone: dt.tzinfo = dt.UTC) -> None:
        self.zone = zone
        self.works = {work.id: work for work in book.works}
        self.franchises = book.franchise_titles
        self.sources = {report.source.id: one_line(report.source.name, 80) for report in book.sources}
        self.facts = {fact.slot: fact for fact in book.facts}

    def work(self, work_id: str) -> str:
        """The work's title."""
        work = self.works.get(work_id)
        return one_line(work.title if work else work_id, 120)

    def source(self, source_id: str) -> str:
        """The source's name."""
        return self.sources.get(source_id) or one_line(source_id, 80)

    def franchise(self, work: Work | None) -> str | None:
        """The franchise's title where it says more than the work's."""
        if work is None:
            return None
        title = one_line(self.franchises.get(work.franchise_id, work.franchise_id), 120)
        return None if title.casefold() == work.title.casefold() else title

    def local(self, at: dt.datetime) -> dt.datetime:
        """The moment in the reader's zone; one at the edge of the calendar keeps the zone it has."""
        try:
            return at.astimezone(self.zone)
        except OverflowError:
            return at


def question_words(slot: Slot) -> str:
    """What a slot asks, as a label: `Season 5 premiere`."""
    return capitalised(one_line(slot_words(slot), 160))


def date_line(date: PartialDate) -> str:
    """The date in words, clean."""
    return one_line(date_words(date), 120)


def capitalised(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]
