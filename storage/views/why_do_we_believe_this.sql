-- Why do we believe this?
-- From each fact to the sentences that speak for and against it, newest first; filter by slot or by work.
SELECT
    works.title AS work,
    slots.kind,
    slots.about,
    facts.value AS believed,
    claims.value AS said,
    CASE
        WHEN claims.is_null = 'yes' THEN iif(facts.value IS NULL, 'agrees', 'nothing announced')
        WHEN claims.value = facts.value THEN 'agrees'
        WHEN claims.earliest <= facts.earliest AND claims.latest >= facts.latest THEN 'agrees, vaguely'
        ELSE 'differs'
    END AS verdict,
    claims.status,
    claims.claimed_at AS at,
    sources.name AS source,
    claims.tier,
    claims.sentence,
    items.title AS headline,
    claims.url,
    claims.background,
    claims.attributed_to,
    slots.name AS slot,
    claims.work_id,
    claims.slot_id,
    claims.id AS claim_id
FROM claims
LEFT JOIN slots ON slots.id = claims.slot_id
LEFT JOIN facts ON facts.slot_id = claims.slot_id
LEFT JOIN works ON works.id = claims.work_id
LEFT JOIN sources ON sources.id = claims.source_id
LEFT JOIN items ON items.id = claims.item_id
