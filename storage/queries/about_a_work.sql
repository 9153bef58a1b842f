-- What is known about a work
-- Everything believed now about one work, by kind.
-- work: the work's id, such as star-city
SELECT kind, about, value, status, since, platform, character, sources, slot_id
FROM known_about_a_work WHERE work_id = :work
