"""The pictures in docs/pictures, taken anew of the demonstration.

    franchise-watch demo && python -m tests.pictures demo-output

Needs Chromium.
"""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import replace
from pathlib import Path

from alerts.digest.history import histories
from alerts.digest.html import render_html
from alerts.digest.names import Names
from alerts.digest.plots import histories_svg
from pipeline.rounds import digest_of
from storage.model import DigestSettings
from storage.store import open_store
from tests.chromium import tab

DOCS = Path(__file__).parents[1] / "docs" / "pictures"
UNTIL = dt.datetime(2026, 2, 27, 12, tzinfo=dt.UTC)
SINCE = UNTIL - dt.timedelta(days=1)


def main() -> None:
    """Write the three pictures."""
    with open_store(Path(sys.argv[1]) / "franchise-watch.db", read_only=True) as store:
        digest = digest_of(store, SINCE, UNTIL, DigestSettings(timezone="Europe/Berlin"), local_date=UNTIL.date())
        book = store.daybook(SINCE, UNTIL)
        book = replace(book, history=store.date_claims(UNTIL))
    page = render_html(digest)
    drawn = [each for each in histories(book, Names(book)) if len({point.when for point in each.points}) > 2]
    svg = f"<body style='margin:0;background:#fbfaf7'>{histories_svg(drawn[:2])}"
    with tab() as shown:
        shown.show(page, width=900, height=1250)
        (DOCS / "digest.png").write_bytes(shown.picture())
        shown.show(page, width=390, height=1000, scale=1.25, dark=True)
        (DOCS / "digest-phone-dark.png").write_bytes(shown.picture())
        shown.show(svg, width=560, height=652, scale=1.5)
        (DOCS / "timeline.png").write_bytes(shown.picture({"x": 0, "y": 0, "width": 560, "height": 652}))


if __name__ == "__main__":
    main()
