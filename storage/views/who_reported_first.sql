-- Who reported first
-- Of all news told within a week of the first report: how often each source was first, and how far behind on average.
SELECT
    sources.name AS source,
    sources.tier,
    told.first_reports,
    told.reports,
    told.hours_behind,
    told.source_id
FROM (
    SELECT
        source_id,
        sum(hours_behind = 0) AS first_reports,
        count(*) AS reports,
        round(avg(hours_behind), 1) AS hours_behind
    FROM tellings WHERE is_news = 'yes' AND hours_behind <= 168 GROUP BY source_id
) AS told
JOIN sources ON sources.id = told.source_id
ORDER BY told.first_reports DESC, told.hours_behind
