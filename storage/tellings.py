"""Who gave which answer, when first, and what became of it: kept with every write, so that views need not count claims.

Runs inside the transaction that wrote the claims, facts and changes it draws on.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable


def update_tellings(conn: sqlite3.Connection, moved_slot_ids: Iterable[int], after_claim_id: int) -> None:
    """Add what the claims after that id tell for the first time, and weigh it.

    Of questions whose fact moved every answer is weighed anew; of the others only the answers just given.
    """
    conn.execute(_ADD, (after_claim_id,))
    conn.execute(f"{_WEIGH} WHERE (slot_id, value) IN {_GIVEN}", (after_claim_id,))
    conn.execute(f"{_WEIGH} WHERE slot_id IN {_MOVED}", (json.dumps(sorted(moved_slot_ids)),))


_ADD = """
    INSERT INTO tellings (slot_id, value, source_id, at, claim_id, hours_behind, is_news, outcome)
    SELECT slot_id, value, source_id, min(iif(revision = 1, claimed_at, max(claimed_at, recorded_at))), id,
        0, 'no', 'open'
    FROM claims
    WHERE id > ? AND value IS NOT NULL AND is_null = 'no' AND background = 'no'
    GROUP BY slot_id, value, source_id
    ON CONFLICT DO UPDATE SET at = excluded.at, claim_id = excluded.claim_id WHERE excluded.at < at"""
"""What was read in an edit was told when the edit was found, not on the day that the piece is dated."""

_WEIGH = """
    UPDATE tellings SET
        hours_behind = round(24 * (julianday(at) - julianday((
            SELECT min(first.at) FROM tellings AS first
            WHERE first.slot_id = tellings.slot_id AND first.value = tellings.value
        ))), 2),
        is_news = iif(EXISTS (
            SELECT 1 FROM changes
            WHERE changes.slot_id = tellings.slot_id AND new = tellings.value AND baseline = 'no'
                AND changes.kind IN ('announced', 'refined', 'moved_later', 'moved_earlier')
        ), 'yes', 'no'),
        outcome = (
            SELECT CASE
                WHEN claims.status NOT IN ('rumoured', 'reported') THEN 'not a rumour'
                WHEN facts.slot_id IS NULL OR facts.moved_to IS NOT NULL OR facts.status IN ('rumoured', 'reported')
                    OR facts.value IS NULL THEN 'open'
                WHEN facts.status = 'denied' THEN 'did not come true'
                WHEN coalesce(settled.at, facts.since_at) <= tellings.at THEN 'not a rumour'
                WHEN facts.value = tellings.value OR tellings.value = 'exists'
                    OR facts.earliest >= claims.earliest AND facts.latest <= claims.latest THEN 'came true'
                ELSE 'did not come true'
            END
            FROM claims
            LEFT JOIN facts ON facts.slot_id = claims.slot_id
            LEFT JOIN changes AS settled ON settled.id = (
                SELECT id FROM changes
                WHERE changes.slot_id = facts.slot_id AND changes.status = 'confirmed' AND changes.new = facts.value
                ORDER BY changes.at LIMIT 1
            )
            WHERE claims.id = tellings.claim_id
        )"""
_GIVEN = "(SELECT slot_id, value FROM claims WHERE id > ?)"
_MOVED = "(SELECT value FROM json_each(?))"
