-- An API key is good while who made it is an administrator, and names nobody whose account is gone.
CREATE TABLE auth_api_keys_next (
    key_id     BLOB    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    made_by    BLOB,             -- a user id
    key_hash   BLOB    NOT NULL UNIQUE, -- SHA-256
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) WITHOUT ROWID;

INSERT INTO auth_api_keys_next (key_id, name, made_by, key_hash, created_at, revoked_at)
SELECT k.key_id, k.name, u.user_id, k.key_hash, k.created_at,
    CASE WHEN u.role = 'admin' AND u.banned_at IS NULL THEN k.revoked_at ELSE coalesce(k.revoked_at, CAST(unixepoch('subsec') * 1000 AS INTEGER)) END
FROM auth_api_keys k LEFT JOIN users u ON u.user_id = k.made_by;

DROP TABLE auth_api_keys;
ALTER TABLE auth_api_keys_next RENAME TO auth_api_keys;

CREATE INDEX auth_api_keys_good ON auth_api_keys (created_at DESC, key_id DESC) WHERE revoked_at IS NULL;
CREATE INDEX auth_api_keys_revoked ON auth_api_keys (revoked_at DESC, key_id DESC) WHERE revoked_at IS NOT NULL;
CREATE INDEX auth_api_keys_of_maker ON auth_api_keys (made_by);
