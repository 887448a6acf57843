-- Uploaded videos, what people may have of them, and what was sent to people. Ids, moments and dates as in the catalogue.
-- A row outlives its account, so that the media are still found and removed.
CREATE TABLE videos (
    id               BLOB    NOT NULL PRIMARY KEY,
    user_id          BLOB    REFERENCES users ON DELETE SET NULL,
    filename         TEXT    NOT NULL GENERATED ALWAYS AS (lower(
        substr(hex(id), 1, 8) || '-' || substr(hex(id), 9, 4) || '-' || substr(hex(id), 13, 4) || '-' || substr(hex(id), 17, 4)
        || '-' || substr(hex(id), 21))),
    filepath         TEXT    NOT NULL GENERATED ALWAYS AS ('videos/' || filename),
    title            TEXT    NOT NULL DEFAULT '',
    uploaded_at      INTEGER,         -- null until it was stored
    deleted_at       INTEGER,
    size_bytes       INTEGER NOT NULL DEFAULT 0,
    size_mb          REAL    NOT NULL GENERATED ALWAYS AS (size_bytes / 1048576.0),
    format           INTEGER,
    duration_seconds REAL,
    state            TEXT    NOT NULL DEFAULT 'uploading',
    due_at           INTEGER,         -- when its next step is to be taken; see IVideoStore
    was_looked_at    INTEGER NOT NULL DEFAULT 0, -- its media were removed once
    CHECK (state IN ('uploading', 'stored', 'deleted', 'removing')),
    CHECK ((state = 'stored') = (due_at IS NULL)),
    CHECK ((uploaded_at IS NULL) = (format IS NULL)),
    CHECK (state = 'removing' OR (uploaded_at IS NULL) = (state = 'uploading')),
    CHECK (state = 'removing' OR (deleted_at IS NOT NULL) = (state = 'deleted')),
    CHECK (state <> 'removing' OR title = '') -- words of a person's, which nobody will read
) WITHOUT ROWID;

CREATE INDEX videos_newest ON videos (uploaded_at DESC, id DESC) WHERE state = 'stored' AND user_id IS NOT NULL;
CREATE INDEX videos_newest_of_user ON videos (user_id, uploaded_at DESC, id DESC, size_bytes) WHERE state = 'stored';
CREATE INDEX videos_deleted_of_user ON videos (user_id, deleted_at DESC, id DESC) WHERE state = 'deleted';
CREATE INDEX videos_of_user ON videos (user_id, uploaded_at DESC, id DESC, size_bytes);
CREATE INDEX videos_due ON videos (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX videos_of_nobody ON videos (id) WHERE user_id IS NULL AND state IN ('stored', 'deleted');

-- What an administrator has set for a person; null is what everybody has.
CREATE TABLE quota_limits (
    user_id              BLOB    NOT NULL PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    storage_bytes        INTEGER,
    daily_upload_bytes   INTEGER,
    daily_download_bytes INTEGER
) WITHOUT ROWID;

-- Bytes that were sent to a person on a UTC day. What was uploaded is in the rows of videos.
CREATE TABLE bandwidth_usage (
    user_id          BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    day              TEXT    NOT NULL,
    downloaded_bytes INTEGER NOT NULL,
    PRIMARY KEY (user_id, day)
) WITHOUT ROWID;
