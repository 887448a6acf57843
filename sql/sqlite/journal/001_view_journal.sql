-- The view journal: one row a group commit. In a file of its own, so that appending never waits for another write.
-- content_ids: 16 bytes (big-endian uuid) an entry; counts: 8 bytes (big-endian) an entry;
-- receipts: 16 bytes an entry, for the last entries; NULL when no entry has one.
CREATE TABLE view_journal (
    writer_id   TEXT    NOT NULL,
    batch_no    INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL, -- milliseconds since 1970, UTC
    content_ids BLOB    NOT NULL,
    counts      BLOB    NOT NULL,
    receipts    BLOB,
    PRIMARY KEY (writer_id, batch_no)
);

-- Rows that cannot be read, set aside so that the rest goes on. Somebody has to look at them.
CREATE TABLE view_journal_quarantine (
    writer_id      TEXT    NOT NULL,
    batch_no       INTEGER NOT NULL,
    accepted_at    INTEGER,
    content_ids    BLOB,
    counts         BLOB,
    receipts       BLOB,
    reason         TEXT    NOT NULL,
    quarantined_at INTEGER NOT NULL,
    PRIMARY KEY (writer_id, batch_no)
);
