-- Upcoming releases
-- Every release date that lies ahead, soonest first, with how sure it is and how many independent sources say so.
SELECT
    facts.value AS date,
    works.title AS work,
    slots.about,
    facts.status,
    facts.platform,
    cast(julianday(facts.latest) - julianday(date('now')) AS INTEGER) AS days_left,
    facts.since_at AS known_since,
    json_array_length(facts.origins) AS sources,
    facts.earliest,
    facts.latest,
    facts.work_id,
    facts.slot_id
FROM facts
JOIN works ON works.id = facts.work_id
JOIN slots ON slots.id = facts.slot_id
WHERE facts.kind = 'release_date' AND facts.latest >= date('now') AND facts.moved_to IS NULL AND works.followed = 'yes'
ORDER BY facts.earliest, facts.latest
