-- Who told it, and when
-- Every source that gave one answer, first to report first, with the hours it came behind.
-- slot: the question's name, such as star-city/release_date/s1/premiere
WITH told AS (
    SELECT value, source_id, min(claimed_at) AS at, url, sentence FROM claims
    WHERE slot_id = (SELECT id FROM slots WHERE work_id = substr(:slot, 1, instr(:slot || '/', '/') - 1) AND name = :slot)
        AND background = 'no' AND is_null = 'no'
    GROUP BY value, source_id
)
SELECT
    told.value,
    told.at,
    round(24 * (julianday(told.at) - julianday(min(told.at) OVER (PARTITION BY told.value))), 1) AS hours_behind,
    sources.name AS source,
    sources.tier,
    told.sentence,
    told.url
FROM told JOIN sources ON sources.id = told.source_id
ORDER BY told.value, told.at
