-- What was believed on a day
-- The ledger of one work as it stood at the end of a past day.
-- work: the work's id, such as star-city
-- day: a day, such as 2026-03-27
SELECT slots.kind, slots.about, changes.new AS value, changes.status, max(changes.at) AS since, changes.slot_id
FROM changes JOIN slots ON slots.id = changes.slot_id
WHERE changes.work_id = :work AND changes.at < date(:day, '+1 day')
    AND changes.kind NOT IN ('disputed', 'corroborated', 'repeated', 'vaguer', 'due')
GROUP BY changes.slot_id
ORDER BY slots.kind, slots.about
