"""Article pages in the manner of real ones, all invented: one story as eight publishers' software would serve it."""

from __future__ import annotations

import json

URL = "https://www.desk.example/tv/harbour-nine-dated"
TITLE = "Harbour Nine sails back on 5 June"
AT = "2026-03-02T09:30:00+01:00"
BODY = (
    "The network said on Monday that the fourth season of Harbour Nine will premiere on 5 June, with eight episodes.",
    "Its makers, who had asked for patience after the storm, thanked the town, the crew and everybody who waited.",
    "Two newcomers join the cast, and the lighthouse, which was rebuilt on a stage, is said to have a part of its own.",
    "A fifth season has not been ordered, according to the network, and no decision is expected before the autumn.",
)
TEXT = "\n\n".join(BODY)
PARAGRAPHS = "".join(f"<p>{line}</p>" for line in BODY)
NOISE = ("Home", "Related stories", "Eight other", "Sign up for our newsletter", "I liked it", "All rights reserved")
NAV = "<header class=site><nav><ul><li><a href=/>Home</a><li><a href=/tv>Television</a></ul></nav></header>"
RELATED = """<div class='related-posts'><h3>Related stories</h3><ul>
<li><a href=/8>Eight other harbours that you will love to visit</a></ul></div>"""
LETTER = """<div class='newsletter-box'>
<p>Sign up for our newsletter and read the best of the desk each morning, without any fee.</p></div>"""
COMMENTS = """<section id=comments><h2>One comment</h2>
<p>I liked it better with the old captain, to be honest, and who does not?</p></section>"""
FOOTER = """<footer>
<p>All rights reserved by the desk and its many, many partners in this and in all other harbours.</p></footer>"""


def linked(data: object) -> str:
    """JSON-LD; a string is taken as it is."""
    return f'<script type="application/ld+json">{data if isinstance(data, str) else json.dumps(data)}</script>'


WORDPRESS = f"""<!DOCTYPE html><html lang="en-US"><head><title>{TITLE} - The Desk</title>
<meta property="og:title" content="{TITLE} - The Desk"><meta property="og:site_name" content="The Desk">
<meta property="article:published_time" content="{AT}"></head>
<body class="single post tag-harbour">{NAV}<div id=page><main><article class="post tag-harbour">
<header><h1 class="entry-title">{TITLE}</h1>
<div class="entry-meta">By <a rel=author href=/a>Ana Reyes</a></div></header>
<div class="entry-content">{PARAGRAPHS}{RELATED}</div></article>{COMMENTS}</main></div>{LETTER}{FOOTER}"""

FRAMEWORK = f"""<!DOCTYPE html><html lang="en"><head><title>{TITLE} | Desk</title>
<meta name="date" content="{AT}"></head>
<body><div id="__next"><div class="css-1">{NAV}</div><div class="css-2"><h1 class="css-3">{TITLE}</h1>
<div class="css-4">
{"".join(f"<div class='css-5'><p class='css-6'>{line}</p></div>" for line in BODY)}{LETTER}</div></div>{RELATED}{FOOTER}
</div><script id="__NEXT_DATA__" type="application/json">{json.dumps({"body": PARAGRAPHS, "more": NOISE})}</script>"""

_STATED = {"@type": "NewsArticle", "headline": TITLE, "datePublished": AT, "author": {"name": "Ana Reyes"}}
AMP = f"""<!doctype html><html ⚡ lang="en"><head><title>{TITLE}</title>{linked(_STATED)}</head>
<body><amp-sidebar><ul><li><a href=/>Home</a></ul></amp-sidebar><article><h1>{TITLE}</h1>{PARAGRAPHS}</article>
<amp-consent><div>We value your privacy.</div></amp-consent>{COMMENTS}{FOOTER}"""

_WHOLE = {**_STATED, "@type": ["Article", "NewsArticle"], "inLanguage": "en", "articleBody": TEXT}
_NESTED = {"@graph": [{"@type": "Organization", "name": "The Desk"}, {"@type": "WebPage", "mainEntity": _WHOLE}]}
GRAPH = f"""<!doctype html><html><head><title>Desk</title>{linked(_NESTED)}</head>
<body>{NAV}<p>{BODY[0]}</p><div class=paywall>Subscribe to read on.</div>{FOOTER}"""

_SLIPS = f"""<!-- {{"@type": "NewsArticle", "headline": "{TITLE}", "datePublished": "{AT}", "description": "line
break",}} -->"""
BROKEN_DATA = f"""<!doctype html><html lang=en><head><title>{TITLE} | The Desk</title>{linked(_SLIPS)}</head>
<body>{NAV}<article><h1>{TITLE}</h1>{PARAGRAPHS}</article>{LETTER}{FOOTER}"""

TABLES = f"""<html><head><title>The Desk: {TITLE}</title></head><body><table><tr><td class=menu><a href=/>Home</a><td>
<h2>{TITLE}</h2><font size=1>March 2, 2026</font><div>{"<br><br>".join(BODY)}</div></table>{FOOTER}"""

PRESS = f"""<!doctype html><html lang=en><head><title>{TITLE} - Desk Newsroom</title></head><body>{NAV}<main><section>
<span class="date">March 2, 2026</span><h1>{TITLE}</h1>{"".join(f"<div class=copy>{line}</div>" for line in BODY)}
<div class=sharesheet><a href=#>Share article</a></div></section></main>{FOOTER}"""

MICRODATA = f"""<!doctype html><html lang=en><head><title>{TITLE}</title></head>
<body>{NAV}<div itemscope><h1>{TITLE}</h1><time itemprop="datePublished" datetime="{AT}">Monday</time>
<div itemprop="articleBody">{PARAGRAPHS}</div></div>
<aside><p>Related stories: eight more harbours, and the people who live in them all year round.</p></aside>{FOOTER}"""

PAGES = {
    "wordpress": WORDPRESS,
    "framework": FRAMEWORK,
    "amp": AMP,
    "graph": GRAPH,
    "broken data": BROKEN_DATA,
    "tables": TABLES,
    "press": PRESS,
    "microdata": MICRODATA,
}
