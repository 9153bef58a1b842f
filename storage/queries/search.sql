-- Search titles and texts
-- Items in which all the words occur, newest first; words in "quotes" stand together.
-- text: what to look for
SELECT
    coalesce(items.published_at, items.first_seen_at) AS at,
    items.title,
    sources.name AS source,
    items.url,
    snippet(items_fts, -1, '', '', ' … ', 24) AS excerpt
FROM items_fts
CROSS JOIN items ON items.id = items_fts.rowid
CROSS JOIN sources ON sources.id = items.source_id
WHERE items_fts MATCH coalesce(nullif(escape_fts(replace(:text, char(0), ' ')), ''), '""')
ORDER BY items_fts.rowid DESC
LIMIT 50
