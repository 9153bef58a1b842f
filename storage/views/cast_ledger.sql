-- Cast ledger
-- Who joins, returns, leaves or is in talks, newest first.
SELECT
    (SELECT person FROM slots WHERE id = facts.slot_id) AS person,
    (SELECT title FROM works WHERE id = facts.work_id) AS work,
    (SELECT season FROM slots WHERE id = facts.slot_id) AS season,
    facts.value AS action,
    facts.character,
    facts.status,
    facts.since_at AS since,
    facts.origins AS sources,
    facts.work_id,
    facts.slot_id
FROM facts
WHERE facts.kind = 'casting' AND facts.value IS NOT NULL AND facts.moved_to IS NULL
