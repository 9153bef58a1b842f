-- Cast ledger
-- Who joins, returns, leaves or is in talks, newest first.
SELECT
    slots.person,
    works.title AS work,
    slots.season,
    facts.value AS action,
    facts.character,
    facts.status,
    facts.since_at AS since,
    facts.origins AS sources,
    facts.work_id,
    facts.slot_id
FROM facts
LEFT JOIN slots ON slots.id = facts.slot_id
LEFT JOIN works ON works.id = facts.work_id
WHERE facts.kind = 'casting' AND facts.value IS NOT NULL AND facts.moved_to IS NULL
