-- Version 3. What keeps the store well by itself, and how far it has come.

CREATE TABLE upkeep (
    -- What keeps the store small, and how far it has come.
    task TEXT PRIMARY KEY, -- `texts`: bodies, earlier revisions and mentions that nothing rests on are dropped
    until_at TEXT NOT NULL -- What was first read before then has been seen to (UTC)
) STRICT, WITHOUT ROWID;

CREATE INDEX items_by_revision ON items (revised_at);
