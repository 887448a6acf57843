-- Uploaded videos, what people may have of them, and what was sent to people. Not published: who asks wants what holds now.
-- A row outlives its account, so that the media are still found and removed.
CREATE TABLE videos (
    id               uuid             NOT NULL PRIMARY KEY,
    user_id          uuid             REFERENCES users ON DELETE SET NULL,
    filename         text             NOT NULL GENERATED ALWAYS AS (id::text) STORED,
    filepath         text             NOT NULL GENERATED ALWAYS AS ('videos/' || id::text) STORED,
    title            text             NOT NULL DEFAULT '',
    uploaded_at      timestamptz,     -- null until it was stored
    deleted_at       timestamptz,
    size_bytes       bigint           NOT NULL DEFAULT 0,
    size_mb          double precision NOT NULL GENERATED ALWAYS AS (size_bytes / 1048576.0::double precision) STORED,
    format           smallint,
    duration_seconds double precision,
    state            text             NOT NULL DEFAULT 'uploading',
    due_at           timestamptz,     -- when its next step is to be taken; see IVideoStore
    was_looked_at    boolean          NOT NULL DEFAULT false, -- its media were removed once
    CHECK (state IN ('uploading', 'stored', 'deleted', 'removing')),
    CHECK ((state = 'stored') = (due_at IS NULL)),
    CHECK ((uploaded_at IS NULL) = (format IS NULL)),
    CHECK (state = 'removing' OR (uploaded_at IS NULL) = (state = 'uploading')),
    CHECK (state = 'removing' OR (deleted_at IS NOT NULL) = (state = 'deleted')),
    CHECK (state <> 'removing' OR title = '') -- words of a person's, which nobody will read
);

CREATE INDEX videos_newest ON videos (uploaded_at DESC, id DESC) WHERE state = 'stored' AND user_id IS NOT NULL;
CREATE INDEX videos_newest_of_user ON videos (user_id, uploaded_at DESC, id DESC) INCLUDE (size_bytes) WHERE state = 'stored';
CREATE INDEX videos_deleted_of_user ON videos (user_id, deleted_at DESC, id DESC) WHERE state = 'deleted';
CREATE INDEX videos_of_user ON videos (user_id, uploaded_at DESC, id DESC) INCLUDE (size_bytes);
CREATE INDEX videos_due ON videos (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX videos_of_nobody ON videos (id) WHERE user_id IS NULL AND state IN ('stored', 'deleted');

-- What an administrator has set for a person; null is what everybody has.
CREATE TABLE quota_limits (
    user_id              uuid   NOT NULL PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    storage_bytes        bigint,
    daily_upload_bytes   bigint,
    daily_download_bytes bigint
);

-- Bytes that were sent to a person on a UTC day. What was uploaded is in the rows of videos.
CREATE TABLE bandwidth_usage (
    user_id          uuid   NOT NULL REFERENCES users ON DELETE CASCADE,
    day              date   NOT NULL,
    downloaded_bytes bigint NOT NULL,
    PRIMARY KEY (user_id, day)
) WITH (fillfactor = 80);
