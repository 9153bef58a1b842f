-- Changed this week
-- What was announced or moved in the last seven days, newest first, with the sentence that says so.
SELECT * FROM every_change WHERE at >= strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-7 days')
