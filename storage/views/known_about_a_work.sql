-- Everything known about a work
-- All that is believed now, work by work: dates, cast, seasons, renewals, production and trailers.
SELECT
    works.title AS work,
    facts.kind,
    slots.about,
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
LEFT JOIN works ON works.id = facts.work_id
LEFT JOIN slots ON slots.id = facts.slot_id
WHERE facts.value IS NOT NULL AND facts.moved_to IS NULL
