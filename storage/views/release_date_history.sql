-- How release dates moved
-- Every step of every release date, newest first: what it was, what it became, and who said so.
SELECT
    changes.at,
    (SELECT title FROM works WHERE id = changes.work_id) AS work,
    slots.about,
    changes.kind AS change,
    changes.old,
    changes.new,
    cast(julianday(json_extract(changes.new_value, '$.date.earliest'))
         - julianday(json_extract(changes.old_value, '$.date.earliest')) AS INTEGER) AS days_moved,
    changes.status,
    (SELECT name FROM sources JOIN claims ON claims.source_id = sources.id WHERE claims.id = changes.claim_id) AS source,
    (SELECT sentence FROM claims WHERE id = changes.claim_id) AS sentence,
    (SELECT url FROM claims WHERE id = changes.claim_id) AS url,
    changes.work_id,
    changes.slot_id
FROM changes CROSS JOIN slots ON slots.id = changes.slot_id
WHERE slots.kind = 'release_date' AND changes.kind NOT IN ('disputed', 'corroborated', 'repeated', 'vaguer', 'due')
