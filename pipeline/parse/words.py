"""HTML → words: titles on one line, texts as paragraphs. Pure; selectolax (Lexbor) does the reading.

Nothing that leaves here is markup: what looks like a tag in the result was written as text by its author.
"""

from __future__ import annotations

import html
import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAX_FIELD_CHARS = 400_000
"""Longer fields are cut before they are read as HTML."""

MAX_DEPTH = 600
"""Elements inside one another: Lexbor is quadratic in it (13,000 deep 0.3 s, 51,000 6.4 s); real pages under 100."""

SILENT = ["script", "style", "noscript", "template", "iframe", "svg", "math", "object"]
"""Elements whose contents nobody reads."""

_BREAK, _LINE = "\ue000", "\ue001"
_MARKS = {ord(_BREAK): None, ord(_LINE): None}
_BLOCK = re.compile(
    r"</?(?:p|div|section|article|header|footer|aside|main|nav|h[1-6]|ul|ol|li|dl|dt|dd|table|tr|td|th|thead|tbody|caption"
    r"|blockquote|pre|figure|figcaption|hr|form|fieldset|address|details|summary|body)\b[^<>]*>",
    re.IGNORECASE,
)
_BR = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<(\\?/)?([a-zA-Z][a-zA-Z0-9:-]*)(?=[\s/>])[^<>]*?(/?)>")
_VOID = frozenset(
    {"area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta", "option", "p"}
    | {"param", "source", "td", "th", "tr", "track", "wbr"}
)
_SVG = frozenset({"circle", "ellipse", "g", "image", "line", "path", "polygon", "polyline", "rect", "stop", "use"})
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|acronym|b|bdi|bdo|big|br|center|cite|code|del|dfn|div|em|font|h[1-6]|i|img|ins|kbd|li|mark|ol|p|q|s|samp"
    r"|script|small|span|strike|strong|style|sub|sup|time|tt|u|ul|var|wbr)(?:\s[^<>]*|/)?>|<!--.*?-->",
    re.IGNORECASE | re.DOTALL,
)
_WITH_CONTENT = re.compile(r"<(script|style)\b.*?(?:</\1\s*>|$)", re.IGNORECASE | re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\ud800-\udfff]")
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_TWO_LINES = re.compile(rf"{_LINE}\s*{_LINE}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def one_line(text: str, *, limit: int = 1000) -> str:
    """A title: tags gone, entities read even where escaped twice, white space single, at most `limit` long."""
    text = text[: 4 * limit + 4000]
    for _ in range(3):
        if "<" in text:
            text = _INLINE_TAG.sub("", _WITH_CONTENT.sub(" ", text))
        if not _ENTITY.search(text):
            break
        text = html.unescape(text)
    return " ".join(clean(text).split())[:limit].rstrip()


def paragraphs(markup: str) -> str:
    """The words of an HTML fragment: paragraphs parted by blank lines, `<br>` a line end, scripts and styles gone."""
    markup = markup[:MAX_FIELD_CHARS]
    if "<" not in markup:
        return tidy(html.unescape(markup))
    if depth(markup) > MAX_DEPTH:
        return tidy(html.unescape(_TAG.sub(_BREAK, _WITH_CONTENT.sub(" ", markup))))
    parsed = LexborHTMLParser(_marked(markup))
    parsed.strip_tags(SILENT)
    return node_paragraphs(parsed.body) if parsed.body else ""


def plain(text: str, mime: str) -> str:
    """Paragraphs of a field that says its own type: `text/plain` without a known tag keeps its angle brackets."""
    if mime != "text/plain" or _INLINE_TAG.search(text):
        return paragraphs(text)
    return tidy(html.unescape(text[:MAX_FIELD_CHARS]))


def tree(markup: str) -> LexborHTMLParser | None:
    """A page's tree whose texts `node_paragraphs` can part; None where it is nested deeper than any honest page."""
    return None if depth(markup) > MAX_DEPTH else LexborHTMLParser(_marked(markup))


def node_paragraphs(node: LexborNode) -> str:
    """The words of a node of `tree`, in paragraphs."""
    return tidy(node.text())


def unmarked(markup: str) -> str:
    """The markup of a `tree` without the characters that mark its breaks."""
    return markup.replace(_BREAK, "").replace(_LINE, "<br>")


def node_line(node: LexborNode | None) -> str:
    """The words of a node of `tree` on one line."""
    if node is None:
        return ""
    return " ".join(clean(node.text().replace(_BREAK, " ").replace(_LINE, " ")).split())


def tidy(text: str) -> str:
    """White space single inside lines, no empty paragraphs, control characters gone."""
    text = _TWO_LINES.sub(_BREAK, _BLANK_LINE.sub(_BREAK, clean(text)))
    blocks = ((" ".join(line.split()) for line in block.split(_LINE)) for block in text.split(_BREAK))
    return "\n\n".join(filter(None, ("\n".join(filter(None, lines)) for lines in blocks)))


def clean(text: str) -> str:
    """Without control characters, lone surrogates and the invisible; what XML, terminals and SQLite cannot bear."""
    return _CONTROL.sub("", text)


def depth(markup: str) -> int:
    """About how deep elements lie inside one another, counted on the tags alone, in scripts too (`<\\/b>` closes)."""
    deepest = now = 0
    for closing, name, closed in _TAG.findall(markup):
        if closing:
            now = max(0, now - (name.lower() not in _VOID))
        elif (name := name.lower()) not in _VOID and not (closed and name in _SVG):
            now += 1
            deepest = max(deepest, now)
    return deepest


def _marked(markup: str) -> str:
    """Breaks set as characters behind every block tag, so that one C call gives the text with its paragraphs."""
    return _BR.sub(_LINE, _BLOCK.sub(rf"\g<0>{_BREAK}", markup.translate(_MARKS)))
