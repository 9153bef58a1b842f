-- Why do we believe it?
-- All sentences about one question, oldest first, for and against.
-- slot: the question's name, such as star-city/release_date/s1/premiere
SELECT at, source, tier, status, said, verdict, sentence, headline, url, attributed_to, background
FROM why_do_we_believe_this
WHERE slot_id = (SELECT id FROM slots WHERE name = :slot)
ORDER BY at
