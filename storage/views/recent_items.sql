-- Recent items
-- The five hundred newest pieces of all sources, newest first.
SELECT
    newest.at,
    newest.title,
    sources.name AS source,
    newest.url,
    newest.revision,
    substr(item_texts.summary, 1, 200) AS summary,
    newest.source_id,
    newest.id AS item_id
FROM (
    SELECT *, coalesce(published_at, first_seen_at) AS at FROM items
    ORDER BY coalesce(published_at, first_seen_at) DESC LIMIT 500
) AS newest
JOIN sources ON sources.id = newest.source_id
JOIN item_texts ON item_texts.item_id = newest.id
ORDER BY newest.at DESC
