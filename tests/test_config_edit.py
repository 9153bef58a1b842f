"""A source is added to sources.yaml, and every byte that was there is there still."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pipeline.config import form as models
from pipeline.config import load_config
from pipeline.config.edit import add_source, as_yaml, with_source
from pipeline.config.tree import plain
from storage.errors import ConfigError
from storage.model import Selectors, Source, SourceKind, Tier

ROOT = Path(__file__).resolve().parents[1]
HEAD = "franchises:\n  - {id: harbour, title: Harbour, works: [{id: harbour-nine, title: Harbour Nine}]}\n"
ONE = '{id: gazette, name: The Gazette, kind: feed, url: "https://gazette.example/feed", tier: trade}'
TWO = "{id: herald, name: The Herald, kind: feed, url: https://herald.example/feed, tier: press}"
BLOCK = ["id: gazette", "name: The Gazette", "kind: feed", "url: https://gazette.example/feed", "tier: trade"]
TAIL = "digest: {timezone: UTC}\n"

FORMS = {
    "flow-entries": f"{HEAD}sources:\n  - {ONE}   # first\n  - {TWO}\n{TAIL}",
    "at-the-margin": f"{HEAD}sources:\n- {ONE}\n# about the digest\n{TAIL}",
    "block-entry": f"{HEAD}sources:\n  - " + "\n    ".join(BLOCK) + f"   # last\n\n# --- the page ---\n{TAIL}",
    "wide-dash": f"{HEAD}sources:\n    -   " + "\n        ".join(BLOCK) + "\n",
    "comment-of-the-entry": f"{HEAD}sources:\n  - " + "\n    ".join(BLOCK) + f"\n    # interval: 2h\n{TAIL}",
    "apart": f"{HEAD}sources:\n  - {TWO}\n\n  # the trade\n  - " + "\n    ".join(BLOCK) + f"\n\n{TAIL}",
    "no-last-newline": f"{TAIL}{HEAD}sources:\n  - {ONE}",
    "windows": f"{HEAD}sources:\n  - {ONE}\n{TAIL}".replace("\n", "\r\n"),
    "byte-order-mark": f"\ufeff{HEAD}sources:\n  - {ONE}\n{TAIL}",
    "anchor": f"{HEAD}sources: &all\n  - &first-one {ONE}\n{TAIL}",
    "anchored-block": f"{HEAD}sources:\n  - &a-b\n    " + "\n    ".join(BLOCK) + f"\n{TAIL}",
    "one-line": f"{HEAD}sources: [{ONE}, {TWO} ]  # both\n{TAIL}",
    "flow-over-lines": f"{HEAD}sources: [\n  {ONE},\n  {TWO},  # two\n]\n{TAIL}",
    "braces-over-lines": f"{HEAD}sources:\n  - {ONE[:-1]},\n    }}\n{TAIL}",
    "folded-text": f"{HEAD}sources:\n  - "
    + "\n    ".join([*BLOCK[:1], *BLOCK[2:], "name: >-\n      The\n      Gazette"])
    + f"\n\n\n{TAIL}",
    "nothing-after-a-key": f"{HEAD}sources:\n  - " + "\n    ".join([*BLOCK, "language:   # not said"]) + f"\n{TAIL}",
}  # fmt: skip


def source(**fields: object) -> Source:
    plain: dict[str, object] = {"id": "new", "name": "New", "url": "https://new.example/feed", "tier": Tier.PRESS}
    return Source(**{"kind": SourceKind.FEED, **plain, **fields})  # type: ignore[arg-type]


def written(folder: Path, text: str) -> Path:
    path = folder / "sources.yaml"
    path.write_bytes(text.encode())
    return path


def sources_of(text: str) -> list[models.Source]:
    root = YAML(typ="safe", pure=True).compose(text.removeprefix("\ufeff"))
    return models.File.model_validate(plain(root, {})).sources


def without_added(before: str, after: str) -> bool:
    """True where `after` is `before` with one stretch put in."""
    same = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
    rest = len(before) - same
    return len(after) > len(before) and before[same:] == (after[-rest:] if rest else "")


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_every_byte_stays_and_the_source_is_last(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    before = load_config(path)
    after = add_source(path, source())
    assert after.sources == (*before.sources, source())
    assert without_added(text, path.read_bytes().decode())
    assert load_config(path) == after


@pytest.mark.parametrize("text", [form for name, form in FORMS.items() if "one-line" not in name and "flow-over" not in
                                  name])  # fmt: skip
def test_lines_are_added_and_none_is_changed(text: str) -> None:
    old, new = text.splitlines(), with_source(text, source()).splitlines()
    kept = iter(new)
    assert all(line in kept for line in old)
    endings = {line.endswith("\r\n") for line in with_source(text, source()).splitlines(keepends=True)}
    assert endings == {"\r\n" in text}


@example(name="?0", path="", form="flow-entries", more=False)
@given(
    name=st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60),
    path=st.text("abc/&=?#%:-._~'[]{},!*", max_size=30),
    form=st.sampled_from(sorted(FORMS)),
    more=st.booleans(),
)
def test_whatever_a_feed_calls_itself_is_read_back(name: str, path: str, form: str, more: bool) -> None:
    new = source(name=name, url=f"https://new.example/{path}", allow_private=more)
    text = FORMS[form]
    after = with_source(text, new)
    assert without_added(text, after)
    read = sources_of(after)[-1]
    assert (read.id, read.name, read.url, read.allow_private) == (new.id, name, new.url, more)


COMMENT = st.builds(
    lambda indent, words: f"{' ' * indent}#{words}", st.integers(0, 8), st.text("abc: -[{'\"#&*é", max_size=8)
)


@given(
    form=st.sampled_from(sorted(set(FORMS) - {"folded-text", "windows"})),
    data=st.data(),
)
def test_comments_and_blank_lines_stay_wherever_they_stand(form: str, data: st.DataObject) -> None:
    lines = []
    for line in FORMS[form].splitlines():
        after = data.draw(st.lists(COMMENT | st.just("") | st.just("   "), max_size=2))
        ending = data.draw(st.sampled_from(["", "  # said", "   "])) if "#" not in line else ""
        lines += [line + ending, *after]
    text = "\n".join(lines) + data.draw(st.sampled_from(["", "\n", "\n\n"]))
    after_it = with_source(text, source())
    assert without_added(text, after_it)
    before, now = sources_of(text), sources_of(after_it)
    assert now[:-1] == before
    assert now[-1].id == "new"


def test_a_comment_that_is_indented_with_the_last_entry_stays_with_it() -> None:
    assert "\n    # interval: 2h\n  - id: new\n" in with_source(FORMS["comment-of-the-entry"], source())
    assert "tier: press}\n# about the digest\n" in with_source(FORMS["at-the-margin"], source())


@pytest.mark.parametrize(
    ("form", "line"),
    [
        pytest.param("flow-entries", "  - {id: new, name: New, kind: feed, ", id="braces-as-the-last-one"),
        pytest.param("wide-dash", "    -   id: new\n        name: New\n", id="as-wide"),
        pytest.param("one-line", ", {id: new, name: New, ", id="inside-the-brackets"),
    ],
)
def test_the_entry_looks_as_the_last_one_does(form: str, line: str) -> None:
    assert line in with_source(FORMS[form], source())


def test_the_shipped_file_keeps_its_lines_and_its_blank_line_between_entries() -> None:
    text = (ROOT / "sources.yaml").read_text(encoding="utf-8")
    added = set(with_source(text, source()).splitlines()) - set(text.splitlines())
    assert added == {"  - id: new", "    name: New", "    url: https://new.example/feed"}
    assert "\n\n  - id: new\n" in with_source(text, source())
    assert without_added(text, with_source(text, source()))


def test_added_twice_it_is_a_mistake_and_the_file_stays(tmp_path: Path) -> None:
    path = written(tmp_path, FORMS["block-entry"])
    add_source(path, source())
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"sources\.yaml:\d+:\d+: .*new") as caught:
        add_source(path, source())
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path], "nothing is left beside it"
    assert all(mistake.startswith(f"{path}:") for mistake in caught.value.mistakes)


def test_a_file_with_a_mistake_is_left_as_it_was(tmp_path: Path) -> None:
    path = written(tmp_path, FORMS["block-entry"].replace("tier: trade", "tier: trad"))
    before = path.read_bytes()
    with pytest.raises(ConfigError, match='did you mean "trade"'):
        add_source(path, source())
    assert path.read_bytes() == before


def test_what_would_not_be_read_back_is_said_with_the_entry_to_paste(tmp_path: Path) -> None:
    path = written(tmp_path, FORMS["block-entry"])
    with pytest.raises(ConfigError, match=r"(?s)Put this under sources: yourself:.*- id: new"):
        add_source(path, source(name="New "))
    assert path.read_bytes().decode() == FORMS["block-entry"]
    assert list(tmp_path.iterdir()) == [path], "nothing is left beside it"


WHOLE = {
    "kind": SourceKind.PAGE,
    "interval_s": 5400,
    "selectors": Selectors(item="article", title="#top h2", link="a", date="time", summary="p:first-child"),
    "language": "pt-BR",
    "full_text": True,
    "allow_private": True,
    "enabled": False,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_field_of_a_source_is_written(tmp_path: Path, form: str) -> None:
    path = written(tmp_path, FORMS[form])
    assert add_source(path, source(**WHOLE)).sources[-1] == source(**WHOLE)


def test_no_field_of_a_source_is_forgotten() -> None:
    region = source(kind=SourceKind.PAGE, region="main")
    told = "\n".join(map(as_yaml, (source(**WHOLE), region)))
    assert all(f" {key}:" in told for key in models.Source.model_fields)
    assert "interval: 90m" in told


@pytest.mark.parametrize(("seconds", "told"), [(900, "15m"), (7200, "2h"), (86400, "1d"), (3599, "3599s")])
def test_an_interval_is_written_in_its_largest_unit(seconds: int, told: str) -> None:
    assert f"interval: {told}" in as_yaml(source(interval_s=seconds))


NONE = {
    "no-key": HEAD,
    "no-key-no-newline": f"{TAIL}{HEAD}".rstrip(),
    "no-key-windows": HEAD.replace("\n", "\r\n"),
    "no-key-mark": f"\ufeff---\n{HEAD}",
    "bare-key": f"{HEAD}sources:\n{TAIL}",
    "bare-key-at-the-end": f"{HEAD}sources:",
    "bare-key-first": f"sources:   # none yet\n\n  # here\n\n{HEAD}",
    "brackets": f"{HEAD}sources: []   # none\n{TAIL}",
    "brackets-over-lines": f"{HEAD}sources: [\n  # none\n]\n{TAIL}",
    "indented": "".join(f"  {line}\n" for line in HEAD.splitlines()),
    "braces": '{"franchises": [{"id": "a", "title": "A", "works": [{"id": "a", "title": "A"}]}]}\n',
    "braces-with-comma": "{\n  franchises: [{id: a, title: A, works: [{id: a, title: A}]}],\n}\n",
}


@pytest.mark.parametrize("text", NONE.values(), ids=NONE)
def test_the_first_source_finds_its_place(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    assert add_source(path, source(**WHOLE)).sources == (source(**WHOLE),)
    assert without_added(text, path.read_bytes().decode())
    assert add_source(path, source(id="second", url="https://second.example/")).sources[0] == source(**WHOLE)


@pytest.mark.parametrize("null", ["~", "null"])
def test_a_written_nothing_gives_way_to_the_first_source(tmp_path: Path, null: str) -> None:
    path = written(tmp_path, f"{HEAD}sources: {null}  # none\n{TAIL}")
    assert add_source(path, source()).sources == (source(),)
    assert (
        path.read_text().replace("sources: ", f"sources: {null}").startswith(f"{HEAD}sources: {null}  # none\n  - id:")
    )


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        add_source(tmp_path / "gone" / "sources.yaml", source())


def test_permissions_and_a_link_to_the_file_stay(tmp_path: Path) -> None:
    real = written(tmp_path, FORMS["block-entry"])
    real.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    add_source(link, source())
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "id: new" in real.read_text()


def test_the_shipped_file_is_added_to_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "sources.yaml").read_text(encoding="utf-8")
    written(tmp_path, text)
    monkeypatch.chdir(tmp_path)
    assert add_source(Path("sources.yaml"), source()).sources[-1] == source()
    assert without_added(text, (tmp_path / "sources.yaml").read_text(encoding="utf-8"))


def test_the_entry_to_paste_can_be_pasted(tmp_path: Path) -> None:
    page = source(kind=SourceKind.PAGE, selectors=Selectors(item="article h2 > a"), name="No: 1 #2")
    path = written(tmp_path, f"{HEAD}sources:\n{as_yaml(page)}\n")
    assert load_config(path).sources == (page,)
