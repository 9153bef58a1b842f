-- Who told it, and when
-- Every source that gave an answer to one question, first to tell first, with the hours it came behind.
-- slot: the question's name, such as star-city/release_date/s1/premiere
SELECT
    tellings.value,
    tellings.at,
    tellings.hours_behind,
    sources.name AS source,
    sources.tier,
    tellings.outcome,
    claims.sentence,
    claims.url
FROM tellings
JOIN sources ON sources.id = tellings.source_id
JOIN claims ON claims.id = tellings.claim_id
WHERE tellings.slot_id = (SELECT id FROM slots WHERE name = :slot)
ORDER BY tellings.value, tellings.at
