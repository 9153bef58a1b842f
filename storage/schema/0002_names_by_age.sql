-- Version 2. Digests come in no order: in one large index each new one touches a page of its own, so that taking in an
-- item cost twice as much at a million items as at ten thousand. Now the newest names are few and apart.

ALTER TABLE item_keys RENAME TO old_item_keys;

CREATE TABLE item_keys (
    -- Every name under which an item may come back within its source.
    generation INTEGER NOT NULL, -- 0 for the newest names; from time to time each moves on into the next, larger one
    digest BLOB NOT NULL, -- BLAKE2b-128 of source and name
    item_id INTEGER NOT NULL, -- The item it names
    PRIMARY KEY (generation, digest)
) STRICT, WITHOUT ROWID;

INSERT INTO item_keys SELECT 3, digest, item_id FROM old_item_keys ORDER BY digest;

DROP TABLE old_item_keys;

-- Again fewer and larger merges of the search index.
INSERT INTO items_fts (items_fts, rank) VALUES ('automerge', 16);
