"""A claim as a citation for a wiki, a Markdown page or a bibliography, each escaped for its place."""

from __future__ import annotations

import datetime as dt
import re
from enum import StrEnum
from urllib.parse import quote

from alerts.clean import one_line, web_url
from alerts.digest.markdown import escape_markdown, markdown_link
from alerts.wording import day_words
from storage.model import Claim, Item, Source

_WIKI = re.compile(r"^[*#:;]|:(?=//)|[\[\]{}|<>&~=]|''+|_{2,}")
"""What could begin markup: a list at the start, a link, a template, a tag, a signature, emphasis, a magic word."""
_BIBTEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "$": r"\$", "&": r"\&", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}",
}  # fmt: skip


class Style(StrEnum):
    """The forms of a citation."""

    WIKIPEDIA = "wikipedia"
    MARKDOWN = "markdown"
    BIBTEX = "bibtex"


def cite(claim: Claim, source: Source, item: Item | None = None, *, style: Style, accessed: dt.date) -> str:
    """The citation of what `claim` says, with quote, publisher, date of publication and the day it was read.

    Without `item` the quote stands in the title's place. A link that is not plain http or https is left out.
    """
    match style:
        case Style.WIKIPEDIA:
            return _wikipedia(claim, source, item, accessed)
        case Style.MARKDOWN:
            return _markdown(claim, source, item, accessed)
        case Style.BIBTEX:
            return _bibtex(claim, source, item, accessed)


def _title(claim: Claim, item: Item | None) -> str:
    return one_line((item.title if item else "") or claim.sentence, 300) or "Untitled"


def _published(claim: Claim) -> dt.date:
    return claim.claimed_at.date()


def _author(item: Item | None) -> str | None:
    return one_line(item.author, 120) or None if item and item.author else None


# --- Wikipedia: a `cite news` template inside `ref` (Template:Cite news) -----------------------------------------


def _wikipedia(claim: Claim, source: Source, item: Item | None, accessed: dt.date) -> str:
    url = web_url(claim.url)
    parts = {
        "author": _wiki(_author(item)),
        "title": _wiki(_title(claim, item)),
        "url": _plain_url(url) if url else None,
        "work": _wiki(one_line(source.name, 120)),
        "date": day_words(_published(claim)),
        "access-date": day_words(accessed) if url else None,
        "quote": _wiki(one_line(claim.sentence)),
    }
    fields = " ".join(f"|{name}={value}" for name, value in parts.items() if value)
    return f"<ref>{{{{cite news {fields}}}}}</ref>"


def _wiki(text: str | None) -> str | None:
    """`text` as wikitext that shows these characters: whatever could begin markup is a character reference."""
    return _WIKI.sub(lambda found: "".join(f"&#{ord(char)};" for char in found[0]), text) if text else None


def _plain_url(url: str) -> str:
    """The link in ASCII, without what a wiki reads as emphasis."""
    return quote(url, safe="%/:?#@!$&()*+,;=~-._").replace("''", "%27%27")


# --- Markdown ----------------------------------------------------------------------------------------------------


def _markdown(claim: Claim, source: Source, item: Item | None, accessed: dt.date) -> str:
    author = _author(item)
    by = f"{escape_markdown(author)}, " if author else ""
    link = markdown_link(_title(claim, item), web_url(claim.url))
    publisher = escape_markdown(one_line(source.name, 120))
    read = f", read {day_words(accessed)}" if web_url(claim.url) else ""
    quoted = escape_markdown(one_line(claim.sentence))
    return f"> {quoted}\n>\n> — {by}{link}, *{publisher}*, {day_words(_published(claim))}{read}"


# --- BibTeX (biblatex's @online) ---------------------------------------------------------------------------------


def _bibtex(claim: Claim, source: Source, item: Item | None, accessed: dt.date) -> str:
    url = web_url(claim.url)
    parts = {
        "author": f"{{{_tex(author)}}}" if (author := _author(item)) else None,
        "title": f"{{{_tex(_title(claim, item))}}}",
        "organization": f"{{{_tex(one_line(source.name, 120))}}}",
        "date": _published(claim).isoformat(),
        "url": _plain_url(url) if url else None,
        "urldate": accessed.isoformat() if url else None,
        "note": f"\\enquote{{{_tex(one_line(claim.sentence))}}}",
    }
    fields = ",\n".join(f"  {name} = {{{value}}}" for name, value in parts.items() if value)
    return f"@online{{{_key(claim)},\n{fields},\n}}"


def _tex(text: str) -> str:
    return "".join(_BIBTEX.get(char, char) for char in text)


def _key(claim: Claim) -> str:
    """`screen-ledger-2026-03-13-star-city-release-date`: letters, digits and hyphens."""
    words = f"{claim.source_id}-{_published(claim)}-{claim.work_id}-{claim.kind}"
    return re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-")
