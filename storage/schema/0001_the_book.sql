-- Version 1. A released file is never edited: what changes later is a new file with the next number.

CREATE TABLE franchises (
    -- Fictional universes that are or were followed.
    id TEXT PRIMARY KEY, -- Readable key, as in sources.yaml: `for-all-mankind`
    title TEXT NOT NULL, -- As it is written on a page
    followed TEXT NOT NULL DEFAULT 'yes' CHECK (followed IN ('yes', 'no')) -- `no` once it has left sources.yaml; its history stays
) STRICT;

CREATE TABLE works (
    -- Series, films, games and books that are or were followed.
    id TEXT PRIMARY KEY, -- Readable key, as in sources.yaml: `star-city`
    title TEXT NOT NULL, -- As it is written on a page
    franchise_id TEXT NOT NULL REFERENCES franchises (id), -- The universe it belongs to
    kind TEXT NOT NULL CHECK (kind IN ('series', 'film', 'game', 'book', 'unknown')), -- What sort of work it is
    parent TEXT REFERENCES works (id) DEFERRABLE INITIALLY DEFERRED, -- The work this one is a spin-off of
    followed TEXT NOT NULL DEFAULT 'yes' CHECK (followed IN ('yes', 'no')), -- `no` once it has left sources.yaml; its history stays
    aliases TEXT NOT NULL CHECK (json_valid(aliases)), -- Other names, a JSON array
    people TEXT NOT NULL CHECK (json_valid(people)), -- Makers and stars that help to recognise it, a JSON array
    settings TEXT NOT NULL CHECK (json_valid(settings)), -- All that sources.yaml says of it, as JSON
    position INTEGER NOT NULL -- Its place in sources.yaml, from 0
) STRICT;

CREATE TABLE sources (
    -- Where news come from.
    id TEXT PRIMARY KEY, -- Readable key, as in sources.yaml: `variety-tv`
    name TEXT NOT NULL, -- As it is written on a page
    tier TEXT NOT NULL CHECK (tier IN ('official', 'trade', 'press', 'aggregator', 'rumour')), -- How close it stands to those who decide
    kind TEXT NOT NULL CHECK (kind IN ('feed', 'page', 'sitemap')), -- How it is read
    enabled TEXT NOT NULL CHECK (enabled IN ('yes', 'no')), -- `no` while sources.yaml pauses it
    followed TEXT NOT NULL DEFAULT 'yes' CHECK (followed IN ('yes', 'no')), -- `no` once it has left sources.yaml; its history stays
    url TEXT NOT NULL, -- The address that is polled, without passwords and tokens
    settings TEXT NOT NULL CHECK (json_valid(settings)), -- All that sources.yaml says of it, as JSON
    position INTEGER NOT NULL -- Its place in sources.yaml, from 0
) STRICT;

CREATE TABLE targets (
    -- Where messages are sent. Addresses and secrets are never stored.
    id TEXT PRIMARY KEY, -- Readable key, as in sources.yaml
    format TEXT NOT NULL, -- The shape of its messages: `webhook`, `discord`, `slack`…
    disabled_at TEXT -- When it answered 410 Gone; nothing is sent there until somebody retries
) STRICT;

CREATE TABLE routes (
    -- Which changes go to which target. An empty array means: any.
    id TEXT PRIMARY KEY, -- Readable key, as in sources.yaml
    target_id TEXT NOT NULL REFERENCES targets (id), -- Where its messages go
    followed TEXT NOT NULL DEFAULT 'yes' CHECK (followed IN ('yes', 'no')), -- `no` once it has left sources.yaml
    deliver TEXT NOT NULL CHECK (deliver IN ('now', 'digest', 'both')), -- At once, in the daily digest, or both
    works TEXT NOT NULL CHECK (json_valid(works)), -- Ids of works, a JSON array
    kinds TEXT NOT NULL CHECK (json_valid(kinds)), -- Kinds of slot, a JSON array
    changes TEXT NOT NULL CHECK (json_valid(changes)), -- Kinds of change, a JSON array; empty means those that alert by default
    min_status TEXT NOT NULL CHECK (min_status IN ('rumoured', 'reported', 'confirmed', 'denied')), -- The least sure status that passes
    min_tier TEXT NOT NULL CHECK (min_tier IN ('official', 'trade', 'press', 'aggregator', 'rumour')) -- The lowest tier that passes
) STRICT;

CREATE TABLE items (
    -- Published pieces, each in its newest revision.
    id INTEGER PRIMARY KEY, -- Counts up in the order in which items were first seen
    title TEXT NOT NULL, -- The headline as published
    source_id TEXT NOT NULL REFERENCES sources (id), -- Where it appeared
    published_at TEXT, -- When the source says it was published (UTC); empty where it does not say
    url TEXT, -- The piece itself
    first_seen_at TEXT NOT NULL, -- When it was first read here (UTC)
    revised_at TEXT NOT NULL, -- When the present revision was first read here (UTC)
    revision INTEGER NOT NULL DEFAULT 1, -- 1 for the first text, one more for each edit seen
    updated_at TEXT, -- When the source says it was last edited (UTC)
    author TEXT, -- As the source names them
    language TEXT, -- BCP 47 tag
    identity TEXT NOT NULL, -- What names it within its source: the feed's id, or its address
    content_hash TEXT NOT NULL -- SHA-256 of title, summary and text as the source gave them
) STRICT;
CREATE INDEX items_by_source ON items (source_id, first_seen_at);
CREATE INDEX items_by_time ON items (coalesce(published_at, first_seen_at));

CREATE TABLE item_texts (
    -- Summary and body of each item's newest revision.
    item_id INTEGER PRIMARY KEY REFERENCES items (id), -- The item
    summary TEXT NOT NULL, -- Plain text
    text TEXT NOT NULL -- The article's body where it is known; paragraphs parted by blank lines
) STRICT;

CREATE TABLE item_keys (
    -- Every name under which an item may come back within its source.
    digest BLOB PRIMARY KEY, -- BLAKE2b-128 of source and name
    item_id INTEGER NOT NULL REFERENCES items (id) -- The item it names
) STRICT, WITHOUT ROWID;

CREATE TABLE revisions (
    -- Earlier texts of items that were edited.
    item_id INTEGER NOT NULL REFERENCES items (id), -- The item
    revision INTEGER NOT NULL, -- 1 for the first text
    title TEXT NOT NULL, -- The headline at that time
    revised_at TEXT NOT NULL, -- When this revision was first read here (UTC)
    replaced_at TEXT NOT NULL, -- When its successor was first read here (UTC)
    published_at TEXT, -- As it said then (UTC)
    updated_at TEXT, -- As it said then (UTC)
    url TEXT, -- The address at that time
    content_hash TEXT NOT NULL, -- SHA-256 of what the source gave
    summary TEXT NOT NULL, -- Plain text
    text TEXT NOT NULL, -- The body at that time
    PRIMARY KEY (item_id, revision)
) STRICT;

CREATE VIEW searchable AS
SELECT items.id, items.title, item_texts.summary, item_texts.text
FROM items JOIN item_texts ON item_texts.item_id = items.id;

CREATE VIRTUAL TABLE items_fts USING fts5 (
    title, summary, text,
    content = 'searchable', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);
-- Fewer and larger merges: a fifth less work for each new item (benchmarks/store.py).
INSERT INTO items_fts (items_fts, rank) VALUES ('automerge', 8);

CREATE TABLE mentions (
    -- What the rules read: one span of one sentence each, before it is settled which work is meant.
    id INTEGER PRIMARY KEY, -- Counts up in the order of reading
    item_id INTEGER NOT NULL REFERENCES items (id), -- Where it was read
    revision INTEGER NOT NULL, -- In which revision of the item
    kind TEXT NOT NULL CHECK (kind IN ('release_date', 'casting', 'season', 'renewal', 'cancellation', 'spinoff', 'production', 'trailer')), -- What it is about
    words TEXT NOT NULL, -- The words that were read
    value TEXT, -- What they mean; empty for a null mention
    status TEXT NOT NULL CHECK (status IN ('rumoured', 'reported', 'confirmed', 'denied')), -- How sure the words sound
    is_null TEXT NOT NULL CHECK (is_null IN ('yes', 'no')), -- `yes` where the sentence says that nothing is announced
    background TEXT NOT NULL CHECK (background IN ('yes', 'no')), -- `yes` where the sentence tells of the past
    sentence TEXT NOT NULL, -- The whole sentence
    works TEXT NOT NULL CHECK (json_valid(works)), -- Ids of the works it may be about, nearest first, a JSON array
    attributed_to TEXT, -- Whom the sentence says it from
    rule TEXT NOT NULL, -- Id of the rule that read it
    field TEXT NOT NULL, -- `title`, `summary` or `text`
    paragraph INTEGER NOT NULL, -- Counted from 0, the title being 0
    details TEXT NOT NULL CHECK (json_valid(details)) -- All parts that were read, as JSON
) STRICT;
CREATE INDEX mentions_by_item ON mentions (item_id);

CREATE TABLE slots (
    -- Questions about works: to each there is at most one fact.
    id INTEGER PRIMARY KEY, -- Counts up in the order in which questions arose
    name TEXT NOT NULL, -- The question as readable text: `star-city/release_date/s1/premiere`
    work_id TEXT NOT NULL REFERENCES works (id), -- The work it is about
    kind TEXT NOT NULL CHECK (kind IN ('release_date', 'casting', 'season', 'renewal', 'cancellation', 'spinoff', 'production', 'trailer')), -- What is asked
    season INTEGER, -- Of which season; empty for the work as a whole
    part TEXT, -- Of which part of the season
    role TEXT, -- Of a release date: `premiere`, `finale`, `theatrical`, `streaming`…
    region TEXT, -- Of a release date: where
    person TEXT, -- Of casting: who
    about TEXT NOT NULL, -- The question without work and kind, for reading: `season 1, premiere`
    digest BLOB NOT NULL UNIQUE -- BLAKE2b-128 of all parts
) STRICT;
CREATE INDEX slots_by_work ON slots (work_id, kind);
CREATE INDEX slots_by_name ON slots (name);

CREATE TABLE claims (
    -- What one item asserts about one slot. Append-only: the evidence for every fact.
    id INTEGER PRIMARY KEY, -- Counts up in the order of recording
    slot_id INTEGER NOT NULL REFERENCES slots (id), -- The question it answers
    work_id TEXT NOT NULL REFERENCES works (id), -- The work it is about
    kind TEXT NOT NULL CHECK (kind IN ('release_date', 'casting', 'season', 'renewal', 'cancellation', 'spinoff', 'production', 'trailer')), -- What it is about
    value TEXT, -- The answer as text, dates as EDTF; empty for a null claim
    status TEXT NOT NULL CHECK (status IN ('rumoured', 'reported', 'confirmed', 'denied')), -- How sure it is, from words and tier
    claimed_at TEXT NOT NULL, -- When the item was published, or first seen where it says no time (UTC)
    source_id TEXT NOT NULL REFERENCES sources (id), -- Who says so
    item_id INTEGER NOT NULL REFERENCES items (id), -- Where it says so
    revision INTEGER NOT NULL, -- In which revision of the item
    sentence TEXT NOT NULL, -- The words
    is_null TEXT NOT NULL CHECK (is_null IN ('yes', 'no')), -- `yes` where it says that nothing is announced
    background TEXT NOT NULL CHECK (background IN ('yes', 'no')), -- `yes` where it tells of the past and is no news
    attributed_to TEXT, -- Whom the sentence says it from
    tier TEXT NOT NULL CHECK (tier IN ('official', 'trade', 'press', 'aggregator', 'rumour')), -- The tier of the source at that time
    season INTEGER, -- Which season
    part TEXT, -- Which part of the season
    role TEXT, -- Of a release date: which of its dates
    region TEXT, -- Of a release date: where
    date TEXT, -- Of a release date: EDTF text
    earliest TEXT, -- The first day it may mean; 0001-01-01 for an open beginning
    latest TEXT, -- The last day it may mean; 9999-12-31 for an open end
    previous_date TEXT CHECK (previous_date IS NULL OR json_valid(previous_date)), -- The old date where the sentence tells of a move, as JSON
    platform TEXT, -- Where it will be seen
    person TEXT, -- Of casting: who
    action TEXT, -- Of casting: `joins`, `in_talks`, `returns`, `exits`, `recast`, `declines`
    character TEXT, -- Of casting: as whom
    billing TEXT, -- Of casting: lead, guest…
    detail TEXT, -- The stage of a production, the sort of a trailer, the title of a spin-off…
    url TEXT, -- The piece itself
    rule TEXT NOT NULL, -- Id of the rule that read it
    recorded_at TEXT NOT NULL, -- When it was written here (UTC)
    details TEXT NOT NULL CHECK (json_valid(details)), -- What has no column of its own, as JSON
    digest BLOB NOT NULL -- BLAKE2b-128 of all that is claimed
) STRICT;
CREATE UNIQUE INDEX claims_once ON claims (item_id, digest);
CREATE INDEX claims_by_slot ON claims (slot_id, claimed_at);
CREATE INDEX claims_by_time ON claims (claimed_at);
CREATE INDEX claims_by_kind ON claims (kind, claimed_at);
CREATE INDEX claims_by_work ON claims (work_id, kind, claimed_at);
CREATE INDEX claims_by_source ON claims (source_id, status);
CREATE INDEX claims_null ON claims (slot_id, claimed_at) WHERE is_null = 'yes';

CREATE TABLE facts (
    -- What is believed now, one row for each slot that was ever answered.
    slot_id INTEGER PRIMARY KEY REFERENCES slots (id), -- The question
    slot TEXT NOT NULL, -- The question as readable text: `star-city/release_date/s1/premiere`
    work_id TEXT NOT NULL REFERENCES works (id), -- The work it is about
    kind TEXT NOT NULL CHECK (kind IN ('release_date', 'casting', 'season', 'renewal', 'cancellation', 'spinoff', 'production', 'trailer')), -- What it is about
    value TEXT, -- The answer as text, dates as EDTF; empty while nothing is announced
    status TEXT NOT NULL CHECK (status IN ('rumoured', 'reported', 'confirmed', 'denied')), -- How sure it is
    tier TEXT NOT NULL CHECK (tier IN ('official', 'trade', 'press', 'aggregator', 'rumour')), -- The best tier among those who say so
    since_at TEXT NOT NULL, -- When the present value was first claimed (UTC)
    last_claimed_at TEXT NOT NULL, -- When it was last claimed (UTC)
    earliest TEXT, -- The first day the date may mean; 0001-01-01 for an open beginning
    latest TEXT, -- The last day the date may mean; 9999-12-31 for an open end
    platform TEXT, -- Where it will be seen
    character TEXT, -- Of casting: as whom
    origins TEXT NOT NULL CHECK (json_valid(origins)), -- Independent sources that say so, first to report first, a JSON array
    alerted TEXT NOT NULL CHECK (alerted IN ('yes', 'no')), -- `yes` once the present value may have been told to somebody
    moved_to TEXT, -- Name of the slot that took this fact over; then it is no longer current
    recorded_at TEXT NOT NULL, -- When this row was last written (UTC)
    memory TEXT NOT NULL CHECK (json_valid(memory)) -- All of it with earlier and rival values, as JSON
) STRICT;
CREATE INDEX facts_by_work ON facts (work_id, kind);
CREATE INDEX facts_by_kind ON facts (kind, since_at);
CREATE INDEX facts_by_day ON facts (kind, earliest, latest) WHERE latest IS NOT NULL AND moved_to IS NULL;
CREATE INDEX facts_open ON facts (kind, work_id) WHERE value IS NULL AND moved_to IS NULL;

CREATE TABLE changes (
    -- Facts moving from an old value to a new one. Append-only.
    id TEXT PRIMARY KEY, -- The same change has the same id everywhere
    at TEXT NOT NULL, -- When the claim that moved it was published (UTC)
    kind TEXT NOT NULL CHECK (kind IN ('announced', 'confirmed', 'refined', 'moved_later', 'moved_earlier', 'withdrawn', 'disputed', 'corroborated', 'repeated', 'vaguer', 'due')), -- How it moved
    work_id TEXT NOT NULL REFERENCES works (id), -- The work it is about
    slot_id INTEGER NOT NULL REFERENCES slots (id), -- The question
    old TEXT, -- The value before, as text
    new TEXT, -- The value since, as text
    status TEXT NOT NULL CHECK (status IN ('rumoured', 'reported', 'confirmed', 'denied')), -- How sure it is
    baseline TEXT NOT NULL CHECK (baseline IN ('yes', 'no')), -- `yes` for what filled the ledger silently
    note TEXT, -- Why it was decided so
    claim_id INTEGER NOT NULL REFERENCES claims (id), -- The claim that moved it
    old_since_at TEXT, -- Since when the old value had been believed (UTC)
    supersedes TEXT, -- Id of the earlier change that this one corrects
    old_value TEXT CHECK (old_value IS NULL OR json_valid(old_value)), -- The value before, in all its parts, as JSON
    new_value TEXT CHECK (new_value IS NULL OR json_valid(new_value)), -- The value since, in all its parts, as JSON
    recorded_at TEXT NOT NULL -- When it was written here (UTC)
) STRICT;
CREATE INDEX changes_by_time ON changes (at);
CREATE INDEX changes_told ON changes (at, baseline, kind)
WHERE baseline = 'no' AND kind NOT IN ('corroborated', 'repeated', 'vaguer', 'due');
CREATE INDEX changes_by_record ON changes (recorded_at);
CREATE INDEX changes_by_slot ON changes (slot_id, at);
CREATE INDEX changes_by_work ON changes (work_id, at);
CREATE INDEX changes_by_claim ON changes (claim_id);
CREATE INDEX changes_that_correct ON changes (supersedes) WHERE supersedes IS NOT NULL;

CREATE TABLE tellings (
    -- The first time each source gave each answer, and what became of it. Derived from claims, facts and changes.
    slot_id INTEGER NOT NULL REFERENCES slots (id), -- The question
    value TEXT NOT NULL, -- The answer as text, dates as EDTF
    source_id TEXT NOT NULL REFERENCES sources (id), -- Who gave it
    at TEXT NOT NULL, -- When it first did (UTC)
    hours_behind REAL NOT NULL, -- Hours after the first source that gave it
    is_news TEXT NOT NULL CHECK (is_news IN ('yes', 'no')), -- `yes` where this answer moved the fact
    outcome TEXT NOT NULL CHECK (outcome IN ('open', 'came true', 'did not come true', 'not a rumour')), -- What became of it, where it was told before it was official
    claim_id INTEGER NOT NULL REFERENCES claims (id), -- The claim that did
    PRIMARY KEY (slot_id, value, source_id)
) STRICT, WITHOUT ROWID;
-- The conditions' columns are in the index too, or SQLite looks every one of them up in the table.
CREATE INDEX tellings_of_news ON tellings (source_id, hours_behind, is_news) WHERE is_news = 'yes' AND hours_behind <= 168;
CREATE INDEX tellings_of_rumours ON tellings (source_id, outcome) WHERE outcome <> 'not a rumour';

CREATE TABLE messages (
    -- The outbox: what was or will be sent to a target.
    id TEXT PRIMARY KEY, -- The `webhook-id`, the same over all retries
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead', 'disabled', 'grouped')), -- How far its delivery has come
    route_id TEXT NOT NULL REFERENCES routes (id), -- The route that asked for it
    target_id TEXT NOT NULL REFERENCES targets (id), -- Where it goes
    format TEXT NOT NULL, -- The shape of its body
    created_at TEXT NOT NULL, -- When it was written (UTC)
    not_before_at TEXT NOT NULL, -- Later than that in quiet hours (UTC)
    next_attempt_at TEXT, -- When it is tried next (UTC); empty once nothing more will be tried
    summary TEXT NOT NULL, -- Its first line in plain words
    url TEXT, -- Where the news was read
    content_type TEXT NOT NULL, -- The media type of its body
    edits TEXT -- The target's own id of the sent message that this one rewrites; empty for a new message
) STRICT;
CREATE INDEX messages_due ON messages (next_attempt_at) WHERE state = 'pending';
CREATE INDEX messages_by_state ON messages (state, created_at);
CREATE INDEX messages_by_time ON messages (created_at);

CREATE TABLE message_bodies (
    -- The exact bytes of each message.
    message_id TEXT PRIMARY KEY REFERENCES messages (id), -- The message
    body BLOB NOT NULL -- As it is sent, before signing
) STRICT;

CREATE TABLE alerts (
    -- Which changes a message tells of: one change on one route.
    message_id TEXT NOT NULL REFERENCES messages (id), -- The message
    position INTEGER NOT NULL, -- Its place in the message, from 0
    change_id TEXT NOT NULL REFERENCES changes (id), -- The change
    PRIMARY KEY (message_id, position)
) STRICT;
CREATE INDEX alerts_by_change ON alerts (change_id);

CREATE TABLE attempts (
    -- Every try at delivering a message.
    id INTEGER PRIMARY KEY, -- Counts up
    message_id TEXT NOT NULL REFERENCES messages (id), -- What was sent
    at TEXT NOT NULL, -- When (UTC)
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'dead', 'disabled', 'grouped')), -- What it led to
    status_code INTEGER, -- The HTTP answer; empty where none came
    error TEXT, -- What went wrong, in words
    next_attempt_at TEXT, -- When the next try was planned for (UTC)
    remote_id TEXT -- The target's own id of what it took, where it gives one (Discord)
) STRICT;
CREATE INDEX attempts_by_message ON attempts (message_id, id);

CREATE TABLE fetch_states (
    -- What must be remembered between two polls of a source.
    source_id TEXT PRIMARY KEY REFERENCES sources (id), -- The source
    health TEXT NOT NULL CHECK (health IN ('new', 'ok', 'failing', 'blocked', 'gone')), -- How it is doing
    reason TEXT NOT NULL, -- Why, in words
    next_due_at TEXT, -- When it is polled next (UTC)
    last_attempt_at TEXT, -- When it was last asked (UTC)
    last_success_at TEXT, -- When it last answered usably (UTC)
    last_new_item_at TEXT, -- When it last brought something new (UTC)
    failing_since_at TEXT, -- Since when it fails (UTC)
    failures INTEGER NOT NULL, -- Failed polls in a row
    url TEXT NOT NULL, -- The address this was learned from, without passwords and tokens
    memory TEXT NOT NULL CHECK (json_valid(memory)) -- All of it, as JSON
) STRICT;

CREATE TABLE warnings (
    -- What was odd in a source's answers though it could be used.
    source_id TEXT NOT NULL REFERENCES sources (id), -- The source
    text TEXT NOT NULL, -- What was odd
    times INTEGER NOT NULL, -- How often it was seen
    first_at TEXT NOT NULL, -- When first (UTC)
    last_at TEXT NOT NULL, -- When last (UTC)
    PRIMARY KEY (source_id, text)
) STRICT;

CREATE TABLE digests (
    -- The daily digests that were written: one for each local date.
    local_date TEXT PRIMARY KEY, -- The day in the reader's time zone
    since_at TEXT NOT NULL, -- What it tells begins here (UTC)
    until_at TEXT NOT NULL, -- What it tells ends here (UTC)
    written_at TEXT NOT NULL -- When it was made (UTC)
) STRICT;
