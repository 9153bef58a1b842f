-- Still unannounced
-- Open questions: what has no release date yet, since when texts say so, and the newest sentence that does.
SELECT
    works.title AS work,
    slots.about,
    (SELECT min(claimed_at) FROM claims WHERE slot_id = facts.slot_id AND is_null = 'yes') AS said_since,
    newest.claimed_at AS last_said_at,
    newest.sentence,
    newest.url,
    facts.work_id,
    facts.slot_id
FROM facts
JOIN works ON works.id = facts.work_id
JOIN slots ON slots.id = facts.slot_id
LEFT JOIN claims AS newest ON newest.id = (
    SELECT id FROM claims WHERE slot_id = facts.slot_id AND is_null = 'yes' ORDER BY claimed_at DESC LIMIT 1
)
WHERE facts.kind = 'release_date' AND facts.value IS NULL AND facts.moved_to IS NULL AND works.followed = 'yes'
    AND NOT EXISTS (
        SELECT 1 FROM facts AS dated JOIN slots AS other ON other.id = dated.slot_id
        WHERE dated.work_id = facts.work_id AND dated.kind = 'release_date' AND dated.value IS NOT NULL
            AND dated.moved_to IS NULL
            AND (other.season IS slots.season OR slots.season IS NULL AND dated.since_at >= newest.claimed_at)
    )
ORDER BY works.position, slots.season
