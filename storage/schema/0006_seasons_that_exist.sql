-- Version 6. What speaks of a season says that it exists, as the fact does. The number that stood there agreed with nothing,
-- so that such a rumour never came true.

UPDATE claims SET value = 'exists' WHERE kind = 'season' AND detail IS NULL AND season IS NOT NULL AND is_null = 'no';

UPDATE tellings SET value = 'exists', outcome = iif(outcome = 'did not come true', 'came true', outcome)
WHERE claim_id IN (SELECT id FROM claims WHERE kind = 'season' AND value = 'exists');
