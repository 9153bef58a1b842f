-- Why do we believe this?
-- From each fact to the sentences that speak for and against it, newest first; filter by slot or by work.
SELECT
    (SELECT title FROM works WHERE id = claims.work_id) AS work,
    claims.kind,
    (SELECT about FROM slots WHERE id = claims.slot_id) AS about,
    (SELECT iif(moved_to IS NULL, value, (
        SELECT taken.value FROM slots CROSS JOIN facts AS taken ON taken.slot_id = slots.id WHERE name = facts.moved_to
    )) FROM facts WHERE slot_id = claims.slot_id) AS believed,
    claims.value AS said,
    coalesce((
        SELECT CASE
            WHEN claims.is_null = 'yes' THEN iif(facts.value IS NULL, 'agrees', 'nothing announced')
            WHEN claims.value = facts.value THEN 'agrees'
            WHEN claims.value = 'exists' AND facts.value IS NOT NULL THEN 'agrees'
            WHEN claims.earliest <= facts.earliest AND claims.latest >= facts.latest THEN 'agrees, vaguely'
            WHEN claims.claimed_at < facts.since_at THEN 'earlier'
            ELSE 'differs'
        END
        FROM facts WHERE facts.slot_id = coalesce((
            SELECT slots.id FROM facts AS told CROSS JOIN slots ON name = told.moved_to WHERE told.slot_id = claims.slot_id
        ), claims.slot_id)
    ), 'nothing believed') AS verdict,
    claims.status,
    claims.claimed_at AS at,
    (SELECT name FROM sources WHERE id = claims.source_id) AS source,
    claims.tier,
    claims.sentence,
    (SELECT title FROM items WHERE id = claims.item_id) AS headline,
    claims.url,
    claims.background,
    claims.attributed_to,
    (SELECT name FROM slots WHERE id = claims.slot_id) AS slot,
    claims.work_id,
    claims.slot_id,
    claims.id AS claim_id
FROM claims
