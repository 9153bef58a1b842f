-- Rumours that came true
-- By source, of what it told before it was official: how much came true, how much did not, and what is still open.
SELECT
    sources.name AS source,
    sources.tier,
    told.came_true,
    told.did_not,
    told.still_open,
    round(100.0 * told.came_true / nullif(told.came_true + told.did_not, 0)) AS percent_true,
    told.source_id
FROM (
    SELECT
        source_id,
        sum(iif(outcome = 'came true', answers, 0)) AS came_true,
        sum(iif(outcome = 'did not come true', answers, 0)) AS did_not,
        sum(iif(outcome = 'open', answers, 0)) AS still_open
    FROM (
        SELECT source_id, outcome, count(*) AS answers FROM tellings
        WHERE outcome <> 'not a rumour' GROUP BY source_id, outcome
    )
    GROUP BY source_id
) AS told
JOIN sources ON sources.id = told.source_id
ORDER BY told.came_true DESC, told.did_not
