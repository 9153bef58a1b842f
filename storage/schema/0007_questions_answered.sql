-- Version 7. A claim belongs to the question on which it was weighed: a bare "premiere" to the season that it is about. So
-- a fact leads to all its sentences, and who told it first is counted in one place.

UPDATE claims SET slot_id = changes.slot_id
FROM changes JOIN slots ON slots.id = changes.slot_id
WHERE changes.claim_id = claims.id AND slots.kind = claims.kind AND slots.work_id = claims.work_id;

DELETE FROM tellings;

INSERT INTO tellings (slot_id, value, source_id, at, claim_id, hours_behind, is_news, outcome)
SELECT slot_id, value, source_id, min(iif(revision = 1, claimed_at, max(claimed_at, recorded_at))), id,
    0, 'no', 'open'
FROM claims
WHERE value IS NOT NULL AND is_null = 'no' AND background = 'no'
GROUP BY slot_id, value, source_id
ON CONFLICT DO UPDATE SET at = excluded.at, claim_id = excluded.claim_id WHERE excluded.at < at;

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
    );
