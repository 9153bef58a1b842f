-- How a work's dates moved
-- Each step of each release date of one work, oldest first.
-- work: the work's id, such as star-city
SELECT at, about, change, old, new, days_moved, status, source, sentence, url
FROM release_date_history WHERE work_id = :work ORDER BY at
