-- Version 4. The newest sentences about a work without sorting all there are: a millisecond instead of thirty.

CREATE INDEX claims_of_a_work ON claims (work_id, claimed_at);
