-- How release dates moved
-- Every step of every release date, newest first: what it was, what it became, and who said so.
SELECT
    changes.at,
    works.title AS work,
    slots.about,
    changes.kind AS change,
    changes.old,
    changes.new,
    cast(julianday(json_extract(changes.new_value, '$.date.earliest'))
         - julianday(json_extract(changes.old_value, '$.date.earliest')) AS INTEGER) AS days_moved,
    changes.status,
    sources.name AS source,
    claims.sentence,
    claims.url,
    changes.work_id,
    changes.slot_id
FROM changes
JOIN slots ON slots.id = changes.slot_id
LEFT JOIN claims ON claims.id = changes.claim_id
LEFT JOIN works ON works.id = changes.work_id
LEFT JOIN sources ON sources.id = claims.source_id
WHERE slots.kind = 'release_date' AND changes.kind NOT IN ('disputed', 'corroborated', 'repeated', 'vaguer', 'due')
