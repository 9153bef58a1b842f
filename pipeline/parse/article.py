"""An article's page → title, time and text. Pure.

What the page states for machines (JSON-LD, Open Graph) comes first; where that lacks a body, trafilatura reads the page
(the extra `text`), and without it the scorer of `body`. A page that is no article gives no text, and the reason.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from pipeline.parse.body import body_text
from pipeline.parse.dates import EARLIEST_YEAR, read_date
from pipeline.parse.linked_data import article_of
from pipeline.parse.page import decoded
from pipeline.parse.parsed import Article
from pipeline.parse.words import MAX_DEPTH, node_line, one_line, paragraphs, tidy, tree, unmarked

MIN_SHARE = 0.6
"""A stated body shorter than this share of the visible text is a teaser, and the page is read instead."""

MIN_CHARS = 200
"""A shorter body is doubted, and looked for once more."""

WALL_WORDS = 150
"""Only a text shorter than this may be a wall; articles may write about cookies."""

_WALL = re.compile(
    r"enable (?:java ?script|cookies)|verify(?:ing)? (?:that )?you are (?:a )?human|are you a robot|not a robot"
    r"|checking your browser|access denied|unusual traffic|we value your privacy|before you continue|accept all cookies"
    r"|(?:we|our partners) (?:and our (?:[\d,.]+ )?(?:trusted )?partners )?(?:use|store|process)"
    r"[^.]{0,60}\b(?:cookies|personal data)"
    r"|captcha|request blocked|you have been blocked|(?:log|sign) in to continue|subscribe to continue",
    re.IGNORECASE,
)
_META_DATES = (
    "article:published_time", "og:published_time", "datepublished", "article.published", "parsely-pub-date",
    "sailthru.date", "pubdate", "publishdate", "publish-date", "publish_date", "publication_date", "dc.date.issued",
    "dcterms.created", "dcterms.date", "dc.date", "dc.date.created", "date", "cxenseparse:recs:publishtime",
    "article_date_original", "originalpublicationdate", "citation_publication_date",
)  # fmt: skip
_TIMES = (
    "time[itemprop=datePublished]", "time[pubdate]", "[itemprop=datePublished]", "article header time[datetime]",
    "time[class*=publish]", "time.entry-date", "article time[datetime]", "main time[datetime]", "time[datetime]",
    "abbr.published", "[class*=publish-date]", "[class*=published]", "[class*=pub-date]", "[class*=post-date]",
    "[class*=entry-date]", "[class*=article-date]", "[class*=dateline]", "[class*=byline] time", "time",
    "[class*=timestamp]",
)  # fmt: skip
_URL_DATE = re.compile(r"/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?=[/-]|$)")
_PUBLISHED = re.compile(
    r"\b(?:(?:first )?(?:published|posted)(?: on)?|publicado(?: el)?)\b:?\s*(.*\d.*)", re.IGNORECASE
)
"""Where a line tells of an update too, the date behind this is meant."""
_SEPARATOR = re.compile(r"\s+(?:[|–—·•»:]|::|-|//)\s+")


def parse_article(body: bytes, url: str, headers: Mapping[str, str]) -> Article:
    """The article a page holds; never raises for content. `text` is empty and `reason` says why where there is none."""
    markup = decoded(body, headers)
    page = tree(markup)
    if page is None:
        return Article(title="", published_at=None, text="", reason=f"nested more than {MAX_DEPTH} elements deep")
    meta = _meta(page)
    stated = article_of(page, url)
    title = _title(page, meta, stated, url)
    read = (at for text in _dates(page, meta, stated, url) if (at := read_date(text)) and at.year >= EARLIEST_YEAR)
    published_at = next(read, None) or _searched_date(markup, url)
    language, author = _language(page, meta, stated), _author(page, meta, stated)
    text = _text(page, markup, stated, title)
    reason = "no article text was found on the page" if not text else ""
    if text and len(text.split()) < WALL_WORDS and _WALL.search(text):
        text, reason = "", "the page is a wall (consent, login or a bot check), not an article"
    return Article(title=title, published_at=published_at, text=text, language=language, author=author, reason=reason)


def _meta(page: LexborHTMLParser) -> dict[str, str]:
    """`<meta>` contents by lower-case name, property or itemprop; the first of a name counts."""
    found: dict[str, str] = {}
    for node in page.css("meta[content]"):
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
        if name and attributes.get("content"):
            found.setdefault(name.strip().lower(), (attributes["content"] or "").strip())
    return found


def _title(page: LexborHTMLParser, meta: Mapping[str, str], stated: Mapping[str, Any], url: str) -> str:
    """The headline, without the site's name behind it."""
    sites = _site_names(meta, stated, url)
    headline = one_line(_said(stated, "headline"))
    shared = one_line(meta.get("og:title") or meta.get("twitter:title") or "")
    tab = one_line(node_line(page.css_first("title")))
    tops = [line for node in page.css("h1") if (line := one_line(node_line(node)))]
    # A page has several <h1> at times (the site's name, the section); the headline is the one its metadata repeat.
    known = _folded(" ".join((headline, shared, tab)))
    top = next((line for line in tops if len(line) > 3 and _folded(line) in known), tops[0] if len(tops) == 1 else "")
    if headline and not headline.endswith(("…", "...")):
        return _without_site(headline, sites, top)
    return top or _without_site(shared, sites, top) or _without_site(tab, sites, top) or headline


def _site_names(meta: Mapping[str, str], stated: Mapping[str, Any], url: str) -> set[str]:
    publisher = stated.get("publisher")
    names = [meta.get("og:site_name"), meta.get("application-name"), meta.get("twitter:site", "").lstrip("@")]
    names.append(str(publisher.get("name") or "") if isinstance(publisher, dict) else None)
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    names += [host, host.rpartition(".")[0]]
    return {folded for name in names if name and (folded := _folded(name).replace(" ", ""))}


def _without_site(title: str, sites: set[str], top: str) -> str:
    """`Headline | Site` → `Headline`, where the last part is the site's name or what is left is the page's `<h1>`."""
    while cuts := list(_SEPARATOR.finditer(title)):
        head, tail = title[: cuts[-1].start()], title[cuts[-1].end() :]
        piped = "|" in cuts[-1][0] and len(tail.split()) <= 4 and len(head.split()) >= 3
        if not (_is_site(tail, sites) or piped or _folded(head) == _folded(top)):
            break
        title = head
    prefix, _, rest = title.partition(": ")
    return rest if rest and _is_site(prefix, sites) else title


def _is_site(part: str, sites: set[str]) -> bool:
    """True for the site's name with or without "The", "News" and the like around it."""
    name = _folded(part).replace(" ", "")
    return len(part.split()) <= 6 and any(
        name == site or (min(len(name), len(site)) >= 4 and (name in site or site in name)) for site in sites
    )


def _dates(page: LexborHTMLParser, meta: Mapping[str, str], stated: Mapping[str, Any], url: str) -> Iterator[str]:
    """What may be the date of publication, from what is stated most plainly to what merely stands near the top."""
    yield _said(stated, "datePublished") or _said(stated, "dateCreated")
    yield from (meta[name] for name in _META_DATES if name in meta)
    for selector in _TIMES:
        node = page.css_first(selector)
        if node is not None:
            yield node.attributes.get("datetime") or node.attributes.get("content") or ""
            line = node_line(node)
            found = _PUBLISHED.search(line)
            yield from (found[1], line) if found else (line,)
    in_url = _URL_DATE.search(urlsplit(url).path)
    if in_url:
        yield f"{in_url[1]}-{int(in_url[2]):02}-{int(in_url[3]):02}"
    # A line that is hardly more than a date is a dateline; dates inside sentences are what the news is about.
    lines = tidy(page.body.text()[:20_000]).split("\n\n")[:60] if page.body is not None else []
    short = [line for line in lines if len(line) <= 60 and len(line.split()) <= 10]
    yield from (found[1] for line in short if (found := _PUBLISHED.search(line)))
    yield from (line for line in short if len(line.split()) <= 8)
    yield _said(stated, "dateModified") or meta.get("article:modified_time", "")


def _searched_date(markup: str, url: str) -> dt.datetime | None:
    """What trafilatura's date finder makes of the page; not the first of January, which is a copyright line.

    It is given bytes: a text that looks like an address it would ask for, and the page is a stranger's.
    """
    try:
        from htmldate import find_date
    except ImportError:
        return None
    at = read_date(find_date(markup.encode("utf-8", "replace"), original_date=True, url=url or None))
    return at if at and (at.month, at.day) != (1, 1) else None


def _text(page: LexborHTMLParser, markup: str, stated: Mapping[str, Any], title: str) -> str:
    """The body as stated, else as read from what `body_text` left of the page; without the headline on top."""
    body = paragraphs(_said(stated, "articleBody") or _said(stated, "text"))
    visible = body_text(page)
    if len(body) < MIN_CHARS or len(body) < MIN_SHARE * len(visible):
        body = _better(_trafilatura(unmarked(page.html or "")), visible, title) or body
        if len(body) < MIN_CHARS:
            # Perhaps the article lay in what its class names called a box.
            body = max(body, _better(_trafilatura(markup), visible, title), key=len)
    first, _, rest = body.partition("\n\n")
    return rest if rest and _folded(first) == _folded(title) else body


def _better(found: str, visible: str, title: str) -> str:
    """trafilatura's reading, but for a layout table or a short page, of which it makes one line with the headline."""
    is_one_line = "\n" not in found and len(visible) >= MIN_SHARE * (len(found) - len(title))
    return visible if visible and is_one_line else found or visible


def _trafilatura(markup: str) -> str:
    """What trafilatura reads, as paragraphs; empty where it is not installed or reads nothing."""
    try:
        from trafilatura import extract
    except ImportError:
        return ""
    text = extract(markup, include_comments=False, deduplicate=False) or ""
    lines = (" ".join(line.removeprefix("- ").strip("| ").split()) for line in text.splitlines())
    return "\n\n".join(line for line in lines if line)


def _language(page: LexborHTMLParser, meta: Mapping[str, str], stated: Mapping[str, Any]) -> str | None:
    root = page.css_first("html")
    code = (
        (root.attributes.get("lang") if root is not None else "")
        or _said(stated, "inLanguage")
        or meta.get("og:locale")
    )
    found = re.match(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$", str(code or "").strip())
    return found[0].replace("_", "-") if found else None


def _author(page: LexborHTMLParser, meta: Mapping[str, str], stated: Mapping[str, Any]) -> str | None:
    said = stated.get("author")
    people = said if isinstance(said, list) else [said]
    names = [
        one_line(str(person.get("name") if isinstance(person, dict) else person or ""), limit=100) for person in people
    ]
    name = ", ".join(name for name in names if name) or one_line(meta.get("author", ""), limit=200)
    return name or one_line(node_line(page.css_first("[rel=author]")), limit=200) or None


def _said(stated: Mapping[str, Any], name: str) -> str:
    """A stated text; of several (a list) all, in paragraphs; empty for anything else."""
    value = stated.get(name)
    parts = value if isinstance(value, list) else [value]
    return "\n\n".join(part for part in parts if isinstance(part, str))


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
