"""The element of a page that holds its article, found by scoring paragraphs. Pure; a millisecond a page.

The readers of this kind (Readability and its kin) all rest on one observation: an article is the element with the most
words in paragraphs and the fewest of them in links.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.parse.words import clean, node_line, tidy

MIN_PARAGRAPH_CHARS = 40
MAX_LINK_SHARE = 0.5

_NEVER = (
    "nav, footer, aside, figure, button, select, menu, dialog, script, style, noscript, iframe, svg, template, "
    "[role=navigation], [role=complementary], [role=contentinfo], [role=search], [role=dialog], [aria-hidden=true], "
    "[hidden]"
)
_NOISE = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|menu|breadcrumbs?|sidebar|footer|related|recirc\w*|recommend\w*|read-?(?:more|next)"
    r"|more-?(?:stories|from|on|news)|trending|popular|newsletter|subscri\w+|sign-?up|promo\w*|advert\w*|ads?|ad-\w+"
    r"|sponsor\w*|outbrain|taboola|social|share\w*|sharing|comments?|disqus|respond|cookies?|consent|gdpr|paywall"
    r"|popup|modal|overlay|tags|tag-?list|post-?meta|entry-?meta|byline|author-?(?:bio|box|info)|caption|toc|pagination"
    r"|jp-relatedposts|widget-area|skip-?link|screen-reader-text)(?=$|[\s_-])",
    re.IGNORECASE,
)
MAX_NOISE_SHARE = 0.4
"""What holds more of the page's words is no box beside the article, whatever it is called."""

_KEPT = "p, h2, h3, h4, li, blockquote, pre"


def body_text(page: LexborHTMLParser) -> str:
    """The article's paragraphs, parted by blank lines; empty where nothing reads like one. Changes the tree."""
    if page.body is None:
        return ""
    _prune(page)
    best = _best(page)
    if best is None:
        return ""
    lines = [line for node in best.css(_KEPT) if not _inside_kept(node, best) and (line := _line(node))]
    if not lines:
        lines = tidy(best.text()).split("\n\n")
    return "\n\n".join(lines)


def _prune(page: LexborHTMLParser) -> None:
    """Take out what is never the article: navigation, boxes, comments, whatever names itself so.

    Inner elements go first: a node that went with its parent is freed memory.
    """
    for node in reversed(page.css(_NEVER)):
        if node.tag not in ("html", "head", "body"):
            node.decompose()
    limit = MAX_NOISE_SHARE * len(page.body.text()) if page.body else 0
    for node in reversed(page.css("body [class], body [id]")):
        named = f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        if node.tag not in ("main", "article") and _NOISE.search(named) and len(node.text()) <= limit:
            node.decompose()


def _best(page: LexborHTMLParser) -> LexborNode | None:
    """The element with the most prose: a paragraph counts for its parent, and less for the two above that."""
    scores: dict[int, float] = {}
    nodes: dict[int, LexborNode] = {}
    for node in page.css("p, pre, blockquote, div, td, section, article"):
        text, weight = _prose(node), 1.0
        if len(text) < MIN_PARAGRAPH_CHARS or _link_share(node, text) > MAX_LINK_SHARE:
            continue
        holder = node.parent if node.tag in ("p", "pre", "blockquote") else node
        for _ in range(3):
            if holder is None or holder.tag in ("body", "html"):
                break
            scores[holder.mem_id] = scores.get(holder.mem_id, 0.0) + weight * (len(text) + 20 * text.count(","))
            nodes[holder.mem_id] = holder
            holder, weight = holder.parent, weight * 0.6
    return nodes[max(scores, key=scores.__getitem__)] if scores else page.css_first("article")


def _prose(node: LexborNode) -> str:
    """A paragraph's words; of an element that merely holds others, only the words that stand in it bare."""
    if node.tag in ("p", "pre", "blockquote"):
        return node_line(node)
    return " ".join(clean(node.text(deep=False)).split())


def _inside_kept(node: LexborNode, top: LexborNode) -> bool:
    """True where an element that is kept whole already holds this one."""
    around = node.parent
    while around is not None and around.mem_id != top.mem_id:
        if around.tag in ("p", "li", "blockquote", "pre"):
            return True
        around = around.parent
    return False


def _line(node: LexborNode) -> str:
    text = node_line(node)
    return "" if _link_share(node, text) > MAX_LINK_SHARE and len(text) < 200 else clean(text)


def _link_share(node: LexborNode, text: str) -> float:
    linked = sum(len(node_line(link)) for link in node.css("a"))
    return linked / len(text) if text else 1.0
