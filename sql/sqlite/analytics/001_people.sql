-- People and what they watched. Ids, moments and dates as in the catalogue.
CREATE TABLE users (
    user_id           BLOB    NOT NULL PRIMARY KEY,
    username          TEXT    NOT NULL,
    email             TEXT    NOT NULL UNIQUE COLLATE NOCASE,
    registration_date INTEGER NOT NULL
) WITHOUT ROWID;

-- A row a viewing session.
CREATE TABLE user_watch_history (
    history_id               BLOB    NOT NULL PRIMARY KEY,
    user_id                  BLOB    NOT NULL REFERENCES users,
    content_id               BLOB    NOT NULL,
    watched_at               INTEGER NOT NULL,
    duration_watched_seconds INTEGER NOT NULL,
    last_position_seconds    INTEGER NOT NULL,
    qualified_at             INTEGER,           -- when the session had watched enough to be a view
    view_recorded            INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX user_watch_history_newest ON user_watch_history (user_id, watched_at DESC, history_id DESC);

CREATE TABLE resume_positions (
    user_id          BLOB    NOT NULL REFERENCES users,
    content_id       BLOB    NOT NULL,
    position_seconds INTEGER NOT NULL,
    duration_seconds INTEGER NOT NULL,
    watched          INTEGER NOT NULL DEFAULT 0,
    updated_at       INTEGER NOT NULL,
    PRIMARY KEY (user_id, content_id)
) WITHOUT ROWID;

CREATE INDEX resume_positions_newest ON resume_positions (user_id, updated_at DESC) WHERE position_seconds > 0;

-- Writers of the activity ledger and the last batch of each: the guard against writing a batch twice.
CREATE TABLE activity_writers (
    writer_id     TEXT    NOT NULL PRIMARY KEY,
    applied_batch INTEGER NOT NULL
) WITHOUT ROWID;
