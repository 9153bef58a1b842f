-- Who reported first
-- For the news of the last year: how often each source was first, and how long it took when it was not.
WITH told AS (
    SELECT changes.id, claims.source_id, min(claims.claimed_at) AS at
    FROM changes JOIN claims ON claims.slot_id = changes.slot_id AND claims.value = changes.new
    WHERE changes.at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-1 year') AND changes.baseline = 'no'
        AND changes.kind IN ('announced', 'refined', 'moved_later', 'moved_earlier')
        AND claims.background = 'no' AND claims.claimed_at >= changes.at
    GROUP BY changes.id, claims.source_id
),
ranked AS (
    SELECT source_id, at, min(at) OVER (PARTITION BY id) AS first_at FROM told
)
SELECT
    sources.name AS source,
    sources.tier,
    sum(ranked.at = ranked.first_at) AS first_reports,
    count(*) AS reports,
    round(avg(24 * (julianday(ranked.at) - julianday(ranked.first_at))), 1) AS hours_behind,
    sources.id AS source_id
FROM ranked JOIN sources ON sources.id = ranked.source_id
GROUP BY sources.id
ORDER BY first_reports DESC, hours_behind
