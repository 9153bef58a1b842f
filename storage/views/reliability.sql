-- Rumours that came true
-- By source, of what it said before it was official: how much came true, how much did not, and what is still open.
WITH rumours AS (
    SELECT source_id, slot_id, value, earliest, latest, min(claimed_at) AS at
    FROM claims
    WHERE status IN ('rumoured', 'reported') AND is_null = 'no' AND background = 'no'
    GROUP BY source_id, slot_id, value
),
settled AS (
    SELECT
        rumours.source_id,
        CASE
            WHEN facts.status NOT IN ('confirmed', 'denied') OR facts.moved_to IS NOT NULL THEN 'open'
            WHEN facts.status = 'denied' THEN 'did not'
            WHEN facts.value = rumours.value OR (facts.earliest >= rumours.earliest AND facts.latest <= rumours.latest)
                THEN iif(facts.since_at > rumours.at OR confirmed.at > rumours.at, 'came true', NULL)
            ELSE iif(facts.since_at > rumours.at, 'did not', NULL)
        END AS outcome
    FROM rumours
    JOIN facts ON facts.slot_id = rumours.slot_id
    LEFT JOIN changes AS confirmed ON confirmed.id = (
        SELECT id FROM changes WHERE slot_id = rumours.slot_id AND status = 'confirmed' AND new = facts.value
        ORDER BY at LIMIT 1
    )
)
SELECT
    sources.name AS source,
    sources.tier,
    sum(outcome = 'came true') AS came_true,
    sum(outcome = 'did not') AS did_not,
    sum(outcome = 'open') AS still_open,
    round(100.0 * sum(outcome = 'came true') / nullif(sum(outcome <> 'open'), 0)) AS percent_true,
    sources.id AS source_id
FROM settled JOIN sources ON sources.id = settled.source_id
WHERE outcome IS NOT NULL
GROUP BY sources.id
ORDER BY came_true DESC, did_not
