-- Writers of the view journal and how far each one's rows are applied: the guard against applying a row twice.
CREATE TABLE ledger_writers (
    writer_id     TEXT    NOT NULL PRIMARY KEY,
    started_at    INTEGER NOT NULL,
    applied_batch INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE content_views (
    content_id BLOB    NOT NULL PRIMARY KEY,
    views      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE trending_hourly (
    hour       INTEGER NOT NULL, -- hours since 1970, UTC
    content_id BLOB    NOT NULL,
    views      INTEGER NOT NULL,
    PRIMARY KEY (hour, content_id)
) WITHOUT ROWID;

CREATE TABLE trending_daily (
    date               TEXT    NOT NULL,
    content_id         BLOB    NOT NULL,
    views              INTEGER NOT NULL DEFAULT 0,
    watch_time_minutes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (date, content_id)
) WITHOUT ROWID;

-- Receipts of keyed views, for 24 hours.
CREATE TABLE view_receipts (
    receipt     BLOB    NOT NULL PRIMARY KEY,
    accepted_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX view_receipts_by_age ON view_receipts (accepted_at);
