-- Accounts: what lets a person in, and what of it has changed. Ids, moments and dates as in the catalogue.
ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'admin'));
ALTER TABLE users ADD COLUMN banned_at INTEGER; -- null unless banned now

CREATE INDEX users_newest ON users (registration_date DESC, user_id DESC);
CREATE INDEX users_administrators ON users (registration_date DESC, user_id DESC) WHERE role = 'admin';
CREATE INDEX users_banned ON users (registration_date DESC, user_id DESC) WHERE banned_at IS NOT NULL;

-- No row: nobody can log in to the account.
CREATE TABLE auth_credentials (
    user_id       BLOB    NOT NULL PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    password_hash TEXT    NOT NULL,
    changed_at    INTEGER NOT NULL
) WITHOUT ROWID;

-- A log-in somewhere: a family of refresh tokens, of which one at a time is good.
CREATE TABLE auth_sessions (
    session_id   BLOB    NOT NULL PRIMARY KEY,
    user_id      BLOB    NOT NULL REFERENCES users ON DELETE CASCADE,
    device       TEXT,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL, -- when its newest token ends
    ended_at     INTEGER
) WITHOUT ROWID;

CREATE INDEX auth_sessions_of_user ON auth_sessions (user_id, last_used_at DESC, session_id DESC) WHERE ended_at IS NULL;
CREATE INDEX auth_sessions_of_anybody ON auth_sessions (user_id);
CREATE INDEX auth_sessions_ended ON auth_sessions (coalesce(ended_at, expires_at));

-- Used ones stay until they expire: whoever comes with one again has a copy.
CREATE TABLE auth_refresh_tokens (
    token_hash BLOB    NOT NULL PRIMARY KEY, -- SHA-256
    session_id BLOB    NOT NULL REFERENCES auth_sessions ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) WITHOUT ROWID;

CREATE INDEX auth_refresh_tokens_of_session ON auth_refresh_tokens (session_id, expires_at);

-- How an account or a session stands since it last changed: what fronts must know to judge a token made before.
CREATE TABLE auth_access_changes (
    subject    TEXT    NOT NULL CHECK (subject IN ('account', 'session')),
    id         BLOB    NOT NULL,
    is_blocked INTEGER NOT NULL,
    role       TEXT    CHECK (role IN ('user', 'admin')), -- an account's
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (subject, id)
) WITHOUT ROWID;

CREATE INDEX auth_access_changes_newest ON auth_access_changes (changed_at, id);

CREATE TABLE auth_api_keys (
    key_id     BLOB    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    made_by    BLOB    NOT NULL, -- a user id, who may be gone
    key_hash   BLOB    NOT NULL UNIQUE, -- SHA-256
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) WITHOUT ROWID;

CREATE INDEX auth_api_keys_good ON auth_api_keys (created_at DESC, key_id DESC) WHERE revoked_at IS NULL;
CREATE INDEX auth_api_keys_revoked ON auth_api_keys (revoked_at DESC, key_id DESC) WHERE revoked_at IS NOT NULL;
