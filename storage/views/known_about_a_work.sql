-- Everything known about a work
-- All that is believed now, work by work: dates, cast, seasons, renewals, production and trailers.
SELECT
    (SELECT title FROM works WHERE id = facts.work_id) AS work,
    facts.kind,
    (SELECT about FROM slots WHERE id = facts.slot_id) AS about,
    facts.value,
    facts.status,
    facts.since_at AS since,
    facts.platform,
    facts.character,
    facts.origins AS sources,
    facts.last_claimed_at,
    facts.work_id,
    facts.slot_id
FROM facts
WHERE facts.value IS NOT NULL AND facts.moved_to IS NULL
