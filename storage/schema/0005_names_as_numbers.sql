-- Version 5. Names as numbers, each generation in a table of its own: half the pages to look names up in and to move on,
-- which was what taking in an item cost more at a million items than at ten thousand.

CREATE TABLE item_keys_0 (
    -- The newest names under which an item may come back within its source; from time to time they move on into the next table.
    digest INTEGER PRIMARY KEY, -- The first 63 bits of BLAKE2b-128 of source and name
    item_id INTEGER NOT NULL -- The item it names
) STRICT;

CREATE TABLE item_keys_1 (
    -- Names of items that are not quite new; from time to time they move on into the next table.
    digest INTEGER PRIMARY KEY, -- The first 63 bits of BLAKE2b-128 of source and name
    item_id INTEGER NOT NULL -- The item it names
) STRICT;

CREATE TABLE item_keys_2 (
    -- Names of older items; from time to time they move on into the next table.
    digest INTEGER PRIMARY KEY, -- The first 63 bits of BLAKE2b-128 of source and name
    item_id INTEGER NOT NULL -- The item it names
) STRICT;

CREATE TABLE item_keys_3 (
    -- Names of the oldest items.
    digest INTEGER PRIMARY KEY, -- The first 63 bits of BLAKE2b-128 of source and name
    item_id INTEGER NOT NULL -- The item it names
) STRICT;

-- Hexadecimal digits become a number without their first bit. Of two names that are one, the older one counts.
INSERT INTO item_keys_3
SELECT
    (((instr('0123456789ABCDEF', substr(digits, 1, 1)) - 1) & 7) << 60)
    | ((instr('0123456789ABCDEF', substr(digits, 2, 1)) - 1) << 56)
    | ((instr('0123456789ABCDEF', substr(digits, 3, 1)) - 1) << 52)
    | ((instr('0123456789ABCDEF', substr(digits, 4, 1)) - 1) << 48)
    | ((instr('0123456789ABCDEF', substr(digits, 5, 1)) - 1) << 44)
    | ((instr('0123456789ABCDEF', substr(digits, 6, 1)) - 1) << 40)
    | ((instr('0123456789ABCDEF', substr(digits, 7, 1)) - 1) << 36)
    | ((instr('0123456789ABCDEF', substr(digits, 8, 1)) - 1) << 32)
    | ((instr('0123456789ABCDEF', substr(digits, 9, 1)) - 1) << 28)
    | ((instr('0123456789ABCDEF', substr(digits, 10, 1)) - 1) << 24)
    | ((instr('0123456789ABCDEF', substr(digits, 11, 1)) - 1) << 20)
    | ((instr('0123456789ABCDEF', substr(digits, 12, 1)) - 1) << 16)
    | ((instr('0123456789ABCDEF', substr(digits, 13, 1)) - 1) << 12)
    | ((instr('0123456789ABCDEF', substr(digits, 14, 1)) - 1) << 8)
    | ((instr('0123456789ABCDEF', substr(digits, 15, 1)) - 1) << 4)
    | (instr('0123456789ABCDEF', substr(digits, 16, 1)) - 1),
    item_id
FROM (SELECT hex(digest) AS digits, * FROM item_keys) WHERE true
ORDER BY generation DESC, digest
ON CONFLICT DO NOTHING;

DROP TABLE item_keys;

-- The search index merges a part with each write, and not all of sixteen parts while one write waits.
INSERT INTO items_fts (items_fts, rank) VALUES ('crisismerge', 64);

-- The claim to cite for each release date of a calendar: one step each instead of reading every claim of its question.
CREATE INDEX claims_by_date ON claims (slot_id, value, tier, claimed_at) WHERE kind = 'release_date';
