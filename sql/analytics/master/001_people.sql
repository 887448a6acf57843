-- People and what they watched, as the existing analytics database names it. Credentials and tokens live in a schema of
-- their own, which is neither published to the replica nor imported elsewhere.
CREATE SCHEMA auth;
REVOKE ALL ON SCHEMA auth FROM PUBLIC;

CREATE TABLE users (
    user_id           uuid        NOT NULL PRIMARY KEY,
    username          text        NOT NULL,
    email             text        NOT NULL,
    registration_date timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX users_email ON users (lower(email));

-- A row a viewing session.
CREATE TABLE user_watch_history (
    history_id               uuid        NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id                  uuid        NOT NULL REFERENCES users,
    content_id               uuid        NOT NULL,
    watched_at               timestamptz NOT NULL DEFAULT now(),
    duration_watched_seconds integer     NOT NULL,
    last_position_seconds    integer     NOT NULL DEFAULT 0,
    qualified_at             timestamptz,       -- when the session had watched enough to be a view
    view_recorded            boolean     NOT NULL DEFAULT false
);

CREATE INDEX user_watch_history_newest ON user_watch_history (user_id, watched_at DESC, history_id DESC);

CREATE TABLE resume_positions (
    user_id          uuid        NOT NULL REFERENCES users,
    content_id       uuid        NOT NULL,
    position_seconds integer     NOT NULL,
    duration_seconds integer     NOT NULL,
    watched          boolean     NOT NULL DEFAULT false,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (user_id, content_id)
);

CREATE INDEX resume_positions_newest ON resume_positions (user_id, updated_at DESC, content_id) WHERE position_seconds > 0;

-- Writers of the activity ledger and the last batch of each: the guard against writing a batch twice. One row a silo,
-- updated with every batch, so it keeps room for new versions of a row beside the old.
CREATE TABLE activity_writers (
    writer_id     text        NOT NULL PRIMARY KEY,
    applied_batch bigint      NOT NULL,
    updated_at    timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
