-- Every change
-- All that was announced or moved since the watch began, newest first, with the sentence that says so.
SELECT
    changes.at,
    works.title AS work,
    slots.kind,
    slots.about,
    changes.kind AS change,
    changes.old,
    changes.new,
    changes.status,
    sources.name AS source,
    claims.sentence,
    claims.url,
    changes.note,
    changes.work_id,
    changes.slot_id,
    changes.id AS change_id
FROM changes
LEFT JOIN claims ON claims.id = changes.claim_id
LEFT JOIN slots ON slots.id = changes.slot_id
LEFT JOIN works ON works.id = changes.work_id
LEFT JOIN sources ON sources.id = claims.source_id
WHERE changes.baseline = 'no' AND changes.kind NOT IN ('corroborated', 'repeated', 'vaguer', 'due')
