-- Accounts: what lets a person in, and what of it has changed. Of this nothing is published: the publication names its columns.
ALTER TABLE users ADD COLUMN role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin'));
ALTER TABLE users ADD COLUMN banned_at timestamptz; -- null unless banned now

CREATE INDEX users_newest ON users (registration_date DESC, user_id DESC);
CREATE INDEX users_administrators ON users (registration_date DESC, user_id DESC) WHERE role = 'admin';
CREATE INDEX users_banned ON users (registration_date DESC, user_id DESC) WHERE banned_at IS NOT NULL;

-- No row: nobody can log in to the account.
CREATE TABLE auth.credentials (
    user_id       uuid        NOT NULL PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    password_hash text        NOT NULL,
    changed_at    timestamptz NOT NULL
);

-- A log-in somewhere: a family of refresh tokens, of which one at a time is good.
CREATE TABLE auth.sessions (
    session_id   uuid        NOT NULL PRIMARY KEY,
    user_id      uuid        NOT NULL REFERENCES users ON DELETE CASCADE,
    device       text,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL, -- when its newest token ends
    ended_at     timestamptz
);

CREATE INDEX sessions_of_user ON auth.sessions (user_id, last_used_at DESC, session_id DESC);
CREATE INDEX sessions_over ON auth.sessions (coalesce(ended_at, expires_at));

-- Used ones stay until they expire: whoever comes with one again has a copy.
CREATE TABLE auth.refresh_tokens (
    token_hash bytea       NOT NULL PRIMARY KEY, -- SHA-256
    session_id uuid        NOT NULL REFERENCES auth.sessions ON DELETE CASCADE,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

CREATE INDEX refresh_tokens_of_session ON auth.refresh_tokens (session_id, expires_at);

-- How an account or a session stands since it last changed: what fronts must know to judge a token made before.
CREATE TABLE auth.access_changes (
    subject    text        NOT NULL CHECK (subject IN ('account', 'session')),
    id         uuid        NOT NULL,
    is_blocked boolean     NOT NULL,
    role       text        CHECK (role IN ('user', 'admin')), -- an account's
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (subject, id)
);

CREATE INDEX access_changes_newest ON auth.access_changes (changed_at, id);

CREATE TABLE auth.api_keys (
    key_id     uuid        NOT NULL PRIMARY KEY,
    name       text        NOT NULL,
    made_by    uuid        NOT NULL, -- a user id, who may be gone
    key_hash   bytea       NOT NULL UNIQUE, -- SHA-256
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

CREATE INDEX api_keys_good ON auth.api_keys (created_at DESC, key_id DESC) WHERE revoked_at IS NULL;
CREATE INDEX api_keys_revoked ON auth.api_keys (revoked_at DESC, key_id DESC) WHERE revoked_at IS NOT NULL;
