-- Every change
-- All that was announced or moved since the watch began, newest first, with the sentence that says so.
SELECT
    changes.at,
    (SELECT title FROM works WHERE id = changes.work_id) AS work,
    (SELECT kind FROM slots WHERE id = changes.slot_id) AS kind,
    (SELECT about FROM slots WHERE id = changes.slot_id) AS about,
    changes.kind AS change,
    changes.old,
    changes.new,
    changes.status,
    (SELECT name FROM sources JOIN claims ON claims.source_id = sources.id WHERE claims.id = changes.claim_id) AS source,
    (SELECT sentence FROM claims WHERE id = changes.claim_id) AS sentence,
    (SELECT url FROM claims WHERE id = changes.claim_id) AS url,
    changes.note,
    changes.work_id,
    changes.slot_id,
    changes.id AS change_id
FROM changes
WHERE changes.baseline = 'no' AND changes.kind NOT IN ('corroborated', 'repeated', 'vaguer', 'due')
