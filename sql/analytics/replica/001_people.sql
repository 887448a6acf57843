-- What the master publishes, under the same names. No foreign keys and no unique e-mail: the master has checked them, and
-- a second check here could only stop the replication.
CREATE TABLE users (
    user_id           uuid        NOT NULL PRIMARY KEY,
    username          text        NOT NULL,
    email             text        NOT NULL,
    registration_date timestamptz NOT NULL
);

CREATE TABLE user_watch_history (
    history_id               uuid        NOT NULL PRIMARY KEY,
    user_id                  uuid        NOT NULL,
    content_id               uuid        NOT NULL,
    watched_at               timestamptz NOT NULL,
    duration_watched_seconds integer     NOT NULL,
    last_position_seconds    integer     NOT NULL
);

CREATE INDEX user_watch_history_newest ON user_watch_history (user_id, watched_at DESC, history_id DESC);

CREATE TABLE resume_positions (
    user_id          uuid        NOT NULL,
    content_id       uuid        NOT NULL,
    position_seconds integer     NOT NULL,
    duration_seconds integer     NOT NULL,
    watched          boolean     NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (user_id, content_id)
);

CREATE TABLE replication_heartbeat (
    id      integer     NOT NULL PRIMARY KEY,
    beat_at timestamptz NOT NULL
);
