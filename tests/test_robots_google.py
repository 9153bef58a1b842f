"""The 141 verdicts that Google's robots.txt parser is tested with (google/robotstxt), each in our own words.

Those that judge a robot's name are judged for ours; three robots in one file are ours in turn. `MISSES` lists where we
answer otherwise, and why that is left so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pipeline.fetch.client import ROBOTS_NAME, checked
from pipeline.fetch.robots import rules_from

SITE = "http://desk.example"
US, HEAD = "franchise-watch", "user-agent: franchise-watch\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    rules: str
    path: str
    allowed: bool
    robot: str = ROBOTS_NAME


def judged(name: str, rules: str, yes: str = "", no: str = "") -> Iterator[tuple[str, Case]]:
    """A case for each path; `-` is the empty one."""
    for allowed, paths in ((True, yes), (False, no)):
        for number, path in enumerate(paths.split(), start=1):
            case = Case(rules=rules, path=path.removeprefix("-"), allowed=allowed)
            yield f"{name}-{'yes' if allowed else 'no'}-{number}", case


def system() -> Iterator[tuple[str, Case]]:
    shut = f"{HEAD}disallow: /\n"
    yield from judged("no-rules", "", yes="-")
    yield from judged("no-path", shut, no="-")
    yield "no-name", Case(rules=shut, path="", allowed=True, robot="")
    yield "nothing-at-all", Case(rules="", path="", allowed=True, robot="")


def lines() -> Iterator[tuple[str, Case]]:
    yield from judged("keys", f"{HEAD}disallow: /\n", no="/a/b")
    yield from judged("other-keys", "robot: franchise-watch\nclosed: /\n", yes="/a/b")
    yield from judged("keys-without-colon", "user-agent franchise-watch\ndisallow /\n", no="/a/b")


GROUPS = """\
allow: /lost/

user-agent: {0}
disallow: /
allow: /one/
user-agent: {1}
disallow: /
allow: /two/


allow: /far/
user-agent: {2}

user-agent: {0}
allow: /three/
disallow: /
"""


def groups() -> Iterator[tuple[str, Case]]:
    first = GROUPS.format(US, "BeeBot", "SeaBot")
    second, third = GROUPS.format("AyeBot", US, "SeaBot"), GROUPS.format("AyeBot", "BeeBot", US)
    yield from judged("first-of-three", first, yes="/one/x /three/x", no="/two/x /lost/")
    yield from judged("second-of-three", second, yes="/two/x /far/x", no="/three/x /lost/")
    yield from judged("third-of-three", third, yes="/three/x", no="/lost/")


def letters() -> Iterator[tuple[str, Case]]:
    keys = f"user-agent: {US}\nallow: /one/\ndisallow: /\n"
    for name, rules in {"upper": keys.upper(), "lower": keys, "camel": keys.title()}.items():
        rules = rules.replace("/ONE/", "/one/").replace("/One/", "/one/")
        yield from judged(f"keys-{name}", rules, yes="/one/x", no="/two/x")
    for name, us in {"upper": US.upper(), "lower": US, "camel": US.title()}.items():
        rules = f"User-Agent: {us} desk\nAllow: /one/\nDisallow: /\n"
        for robot in (US.capitalize(), US):
            yield f"name-{name}-for-{robot}-yes", Case(rules=rules, path="/one/x", allowed=True, robot=robot)
            yield f"name-{name}-for-{robot}-no", Case(rules=rules, path="/two/x", allowed=False, robot=robot)
    first_word = f"User-Agent: *\nDisallow: /\nUser-Agent: {US} desk\nAllow: /one/\nDisallow: /\n"
    yield from judged("name-to-its-first-space", first_word, yes="/one/x")
    yield "name-with-a-space", Case(rules=first_word, path="/one/x", allowed=False, robot=f"{US} desk")


def everybody() -> Iterator[tuple[str, Case]]:
    yield from judged("nobody", "", yes="/a/b")
    both = "user-agent: *\nallow: /\nuser-agent: {}\ndisallow: /\n"
    yield from judged("all-but-us", both.format(US), no="/a/b")
    yield from judged("all-but-another", both.format("AyeBot"), yes="/a/b")
    others = "user-agent: AyeBot\nallow: /\nuser-agent: BeeBot\ndisallow: /\nuser-agent: SeaBot\ndisallow: /\n"
    yield from judged("three-others", others, yes="/a/b")
    yield from judged("path-as-it-is", f"{HEAD}disallow: /a/\n", no="/a/b")
    yield from judged("path-in-capitals", f"{HEAD}disallow: /A/\n", yes="/a/b")


def longest() -> Iterator[tuple[str, Case]]:
    def of(disallow: str, allow: str) -> str:
        return f"{HEAD}disallow: {disallow}\nallow: {allow}\n"

    yield from judged("page-shut", of("/a/news.html", "/a/"), no="/a/news.html")
    yield from judged("page-open", of("/a/", "/a/news.html"), yes="/a/news.html", no="/a/")
    yield from judged("both-empty", of("", ""), yes="/a/news.html")
    yield from judged("both-root", of("/", "/"), yes="/a/news.html")
    yield from judged("with-and-without-slash", of("/a", "/a/"), yes="/a/", no="/a")
    yield from judged("both-the-page", of("/a/news.html", "/a/news.html"), yes="/a/news.html")
    yield from judged("star-is-longer", of("/*.html", "/news"), yes="/news", no="/news.html")
    yield from judged("prefix-is-longer", of("/*.html", "/a/news."), yes="/a/news.html", no="/a/b.html")
    own_group = f"User-agent: *\nDisallow: /a/\nUser-agent: {US}\nDisallow: /b/\n"
    yield from judged("own-group", own_group, yes="/a/news", no="/b/news")


def encoding() -> Iterator[tuple[str, Case]]:
    def opened(path: str) -> str:
        return f"User-agent: {US}\nDisallow: /\nAllow: {path}\n"

    address = "/find?what=show&from=http://far.example?this&that"
    yield from judged("address-in-a-query", opened(address), yes=address)
    yield from judged("letter-in-the-rule", opened("/one/two/ね"), yes="/one/two/%E3%81%AD", no="/one/two/ね")
    yield from judged("escape-in-the-rule", opened("/one/two/%E3%81%AD"), yes="/one/two/%E3%81%AD", no="/one/two/ね")
    yield from judged("needless-escape", opened("/one/two/%74%76"), yes="/one/two/%74%76", no="/one/two/tv")


def signs() -> Iterator[tuple[str, Case]]:
    star = f"User-agent: {US}\nDisallow: /tv/old/end\nAllow: /tv/*/now\n"
    yield from judged("star", star, yes="/tv/end /tv//end /tv/new/end", no="/tv/old/end")
    dollar = f"User-agent: {US}\nDisallow: /tv/old$\nAllow: /tv/old/now\n"
    yield from judged("dollar", dollar, yes="/tv/old/now /tv/old/ /tv/old/end", no="/tv/old")
    remark = f"User-agent: {US}\n# Disallow: /\nDisallow: /tv/end#now\nAllow: /\n"
    yield from judged("remark", remark, yes="/tv/old", no="/tv/end")
    index = "User-Agent: *\nAllow: /open/index.html\nDisallow: /\n"
    yield from judged("index", index, yes="/open/ /open/index.html", no="/open/index.htm /else")


LINE = 2083 * 8
"""Where Google cuts a line."""


def long_lines() -> Iterator[tuple[str, Case]]:
    shut = "/a/".ljust(LINE - len("disallow: ") + 1, "x")
    rules = f"{HEAD}disallow: {shut}/end\n"
    yield from judged("cut-disallow", rules, yes="/else", no=f"{shut}/else")
    one, two = ("/a/".ljust(LINE - len("allow: ") + 1, letter) for letter in "xy")
    rules = f"{HEAD}disallow: /\nallow: {one}/end\nallow: {two}/end\n"
    yield from judged("cut-allow", rules, yes=f"{one}/end {two}/else", no="/")


def documented() -> Iterator[tuple[str, Case]]:
    def opened(path: str) -> str:
        return f"{HEAD}disallow: /\nallow: {path}\n"

    begun = "/reel /reel.html /reel/one.html /reelers /reelers/two.html /reel.html?id=any"
    yield from judged("beginning", opened("/reel"), yes=begun, no="/lamp /Reel.asp /newsreel /?id=reel")
    yield from judged("beginning-and-star", opened("/reel*"), yes=begun, no="/lamp /Reel.lamp /newsreel /?id=reel")
    inside = "/reel/ /reel/one /reel/?one /reel/one.html /reel/?id=any"
    yield from judged("folder", opened("/reel/"), yes=inside, no="/lamp /reel /reel.html /Reel/One.html")
    with_php = "/show.php /tv/show.php /tv/show.php?any //tv/one.php.page.html /show.php/ /list?of=show.php/"
    yield from judged("ending", opened("/*.php"), yes=with_php, no="/lamp /php/ /list?php /doors.PHP")
    longer = "/lamp /show.php?any /show.php/ /show.php5 /php/ /show?php /xxxphpxxx //doors.PHP"
    yield from judged("ending-and-end", opened("/*.php$"), yes="/show.php /tv/show.php", no=longer)
    both_ends = "/reel.php /reelers/newsreel.php?any"
    yield from judged("beginning-and-ending", opened("/reel*.php"), yes=both_ends, no="/lamp /Reel.PHP")

    def of(allow: str, disallow: str) -> str:
        return f"{HEAD}allow: {allow}\ndisallow: {disallow}\n"

    yield from judged("letter-before-root", of("/n", "/"), yes="/news")
    yield from judged("equal", of("/tv", "/tv"), yes="/tv/news")
    yield from judged("longer-with-star", of("/news", "/*.htm"), no="/news.htm")
    yield from judged("root-only", of("/$", "/"), yes="/", no="/news.html")


PARTS = (system, lines, groups, letters, everybody, longest, encoding, signs, long_lines, documented)
CASES = dict(case for part in PARTS for case in part())
MISSES = {
    "name-with-a-space": "the robot that asks has a space in its name; ours has none",
    "letter-in-the-rule-no-1": "a letter in the address is an error of the caller there; we encode it first",
    "escape-in-the-rule-no-1": "the same",
    "needless-escape-no-1": "%74 and t are one letter (RFC 9309 section 2.2.2), which Google does not undo",
    "cut-disallow-no-1": "no line is cut; an address of that length is never asked",
    "cut-allow-yes-2": "the same",
}
"""Where we answer otherwise, and why. Protego by itself answers 128 as Google does."""


def verdict(case: Case) -> bool:
    """As `Robots.allows` comes to it: the address in its normal form first."""
    rules = rules_from(200, case.rules.encode())
    assert rules is not None
    address = SITE + case.path
    return rules.can_fetch(str(checked(address, "desk")) if len(address) < 4000 else address, case.robot)


def test_there_are_as_many_cases_as_google_has() -> None:
    assert len(CASES) == 141


@pytest.mark.parametrize("name", [name for name in CASES if name not in MISSES])
def test_the_verdict_is_googles(name: str) -> None:
    assert verdict(CASES[name]) is CASES[name].allowed


@pytest.mark.parametrize("name", MISSES)
def test_the_misses_are_those_listed(name: str) -> None:
    assert verdict(CASES[name]) is not CASES[name].allowed
