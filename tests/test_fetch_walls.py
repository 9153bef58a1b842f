"""What stands in front of content is recognised, and content about it is not mistaken for it."""

from __future__ import annotations

import time

import pytest

from pipeline.fetch.walls import recognise
from storage.model import SourceKind

FEED, PAGE, SITEMAP = SourceKind.FEED, SourceKind.PAGE, SourceKind.SITEMAP
PROSE = b"<p>" + b"The studio has said nothing about another season of the drama, and nobody expected it to. " * 40


def html(title: str, body: bytes = b"") -> bytes:
    return b"<!DOCTYPE html><html><head><title>" + title.encode() + b"</title></head><body>" + body + b"</body></html>"


WALLS: dict[str, tuple[bytes, dict[str, bytes], int, SourceKind, str]] = {
    "cloudflare_header": (html("Hello"), {"cf-mitigated": b"challenge"}, 403, FEED, "Cloudflare"),
    "cloudflare_page_403": (
        html("Just a moment...", b"<script src=/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1>"),
        {},
        403,
        PAGE,
        "Cloudflare",
    ),
    "cloudflare_page_200": (
        html("Just a moment...", b"<script>window._cf_chl_opt={}</script>"),
        {},
        200,
        PAGE,
        "Cloudflare",
    ),
    "cloudflare_503": (html("DDoS protection by X"), {}, 503, FEED, "DDoS protection"),
    "datadome": (
        html("news.example", b"<script src='//ct.captcha-delivery.com/c.js'>"),
        {},
        403,
        PAGE,
        "DataDome",
    ),
    "human": (html("Access to this page has been denied", b"<div id='px-captcha'>"), {}, 403, PAGE, "HUMAN"),
    "imperva": (html("", b"<iframe src='/_Incapsula_Resource?x'>"), {}, 200, PAGE, "Imperva"),
    "akamai": (html("Access Denied", b"http://errors.edgesuite.net/18.ab"), {}, 403, FEED, "Akamai"),
    "aws_waf": (b"", {"x-amzn-waf-action": b"captcha"}, 202, PAGE, "AWS WAF"),
    "vercel": (html("x"), {"x-vercel-mitigated": b"challenge"}, 429, FEED, "Vercel"),
    "sucuri": (html("You are being redirected...", b"<script>sucuri_cloudproxy_js=''"), {}, 200, PAGE, "Sucuri"),
    "anubis": (html("Making sure you're not a bot!", b"<script id='anubis_challenge'>"), {}, 200, PAGE, "Anubis"),
    "plain_words": (html("Are you a robot?", b"<p>Please tick the box."), {}, 200, PAGE, "Are you a robot?"),
    "wall_where_a_feed_was": (html("Security check"), {}, 200, FEED, "Security check"),
    "consent_title": (html("Before you continue", b"<form>Accept all"), {}, 200, PAGE, "consent"),
    "consent_in_german": (html("Bevor Sie fortfahren", b"<form>Zustimmen"), {}, 200, PAGE, "consent"),
    "login": (html("Log in", b"<form><input name=u><input type='password'>"), {}, 200, PAGE, "login"),
    "html_where_a_feed_was": (html("Our news", PROSE), {}, 200, FEED, "web page where a feed"),
    "html_where_a_sitemap_was": (html("Our news", PROSE), {}, 200, SITEMAP, "web page where a sitemap"),
    "xhtml_where_a_feed_was": (b"<?xml version='1.0'?>\n" + html("Our news"), {}, 200, FEED, "web page where a feed"),
    "html_after_a_comment": (b"\xef\xbb\xbf\n<!-- hi -->\n" + html("Our news"), {}, 200, FEED, "web page where a feed"),
    "html_in_utf_16": (
        b"\xff\xfe" + html("Our news").decode().encode("utf-16-le"),
        {},
        200,
        FEED,
        "web page where a feed",
    ),
    "html_without_doctype": (b"<HTML><BODY>gone fishing", {}, 200, FEED, "web page where a feed"),
}


@pytest.mark.parametrize(("body", "headers", "status", "expected", "said"), WALLS.values(), ids=WALLS)
def test_a_wall_is_recognised_and_named(
    body: bytes, headers: dict[str, bytes], status: int, expected: SourceKind, said: str
) -> None:
    reason = recognise(body, headers, status, expected)
    assert reason is not None
    assert said in reason


@pytest.mark.parametrize("url", ["https://consent.news.example/v2", "https://guce.news.example/consent?x=1"])
def test_a_redirect_to_a_consent_page_is_recognised(url: str) -> None:
    assert "consent" in (recognise(html("News", PROSE), {}, 200, PAGE, url=url) or "")


def test_a_redirect_to_a_login_is_recognised() -> None:
    body = html("Members", b"<input type=password>")
    assert "login" in (recognise(body, {}, 200, PAGE, url="https://news.example/login?next=/") or "")


CONTENT: dict[str, tuple[bytes, dict[str, bytes], int, SourceKind]] = {
    "rss": (b"<?xml version='1.0'?><rss><channel><title>Just a moment</title></channel></rss>", {}, 200, FEED),
    "rss_with_html_inside": (b"<rss><channel><description>&lt;html&gt;</description></channel></rss>", {}, 200, FEED),
    "rss_with_a_wall_in_the_text": (b"<rss><item>/cdn-cgi/challenge-platform/ px-captcha</item></rss>", {}, 200, FEED),
    "atom_after_comment": (b"<!-- <html> --><feed xmlns='http://www.w3.org/2005/Atom'/>", {}, 200, FEED),
    "json_feed": (b'{"version": "https://jsonfeed.org/version/1.1", "title": "<html>"}', {}, 200, FEED),
    "rdf": (b"<rdf:RDF/>", {}, 200, FEED),
    "sitemap": (b"<?xml version='1.0'?><urlset/>", {}, 200, SITEMAP),
    "article_about_walls": (html("Are you a robot? How captchas work", PROSE + b"px-captcha"), {}, 200, PAGE),
    "article_with_recaptcha": (html("News", PROSE + b"<script src=https://x/recaptcha/api2/x.js>"), {}, 200, PAGE),
    "article_with_login_form": (html("Login trouble", PROSE + b"<input type=password>"), {}, 200, PAGE),
    "article_with_consent_words": (html("Before you continue watching", PROSE), {}, 200, PAGE),
    "short_page_with_cloudflare_detection": (
        html("Season 5", b"<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script><p>27 March"),
        *({}, 200, PAGE),
    ),
    "page_of_scripts": (html("x", b"<script>" + b"a();" * 60_000 + b"_incapsula_resource</script>"), {}, 200, PAGE),
    "behind_cloudflare": (html("News", PROSE), {"server": b"cloudflare", "cf-ray": b"1"}, 200, PAGE),
    "short_page": (html("Season 5", b"<h1>Season 5</h1><p>27 March"), {}, 200, PAGE),
    "404_of_a_guarded_site": (html("Not found", b"_Incapsula_Resource px-captcha"), {}, 404, PAGE),
    "plain_404": (html("Not found"), {}, 404, FEED),
    "plain_500": (b"", {}, 500, FEED),
    "not_modified": (b"", {}, 304, FEED),
    "empty": (b"", {}, 200, FEED),
}


@pytest.mark.parametrize(("body", "headers", "status", "expected"), CONTENT.values(), ids=CONTENT)
def test_content_is_let_through(body: bytes, headers: dict[str, bytes], status: int, expected: SourceKind) -> None:
    assert recognise(body, headers, status, expected) is None


def test_what_a_wall_is_called_cannot_steer_a_terminal() -> None:
    reason = recognise(html("Security check\x1b[2J\x9b31m \u202eevil"), {}, 403, FEED)
    assert reason is not None
    assert reason.isprintable()
    assert "Security check" in reason


HOSTILE = {
    "open_scripts": b"<html><title>captcha" + b"<script>" * 1_000_000,
    "open_comments": b"<!--" * 2_000_000,
    "open_tags": b"<html>" + b"<" * 8_000_000,
    "white": b" " * 8_000_000,
    "white_lines": b"\n\t " * 3_000_000 + b"<x",
    "inputs": b"<html>" + b"<input " * 1_000_000,
    "titles": b"<html>" + b"<title " * 1_000_000,
    "comments": b"<!-- x -->" * 800_000,
    "declarations": b"<?xml " * 1_000_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("expected", [FEED, PAGE])
def test_a_hostile_body_takes_no_time(body: bytes, expected: SourceKind) -> None:
    started = time.process_time()
    recognise(body, {}, 200, expected, url="https://news.example/login")
    assert time.process_time() - started < 1
