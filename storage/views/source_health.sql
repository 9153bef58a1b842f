-- Source health
-- How each source is doing, those in trouble first: when it last answered, when it last brought news, and why not.
SELECT
    sources.name AS source,
    coalesce(fetch_states.health, 'new') AS health,
    fetch_states.reason,
    fetch_states.last_success_at,
    fetch_states.last_new_item_at,
    (SELECT count(*) FROM items
     WHERE source_id = sources.id AND first_seen_at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')
    ) AS items_this_week,
    fetch_states.failing_since_at,
    fetch_states.next_due_at,
    sources.tier,
    sources.enabled,
    sources.url,
    sources.id AS source_id
FROM sources
LEFT JOIN fetch_states ON fetch_states.source_id = sources.id
WHERE sources.followed = 'yes'
ORDER BY
    CASE coalesce(fetch_states.health, 'new')
        WHEN 'gone' THEN 0 WHEN 'blocked' THEN 1 WHEN 'failing' THEN 2 WHEN 'new' THEN 3 ELSE 4
    END,
    sources.position
