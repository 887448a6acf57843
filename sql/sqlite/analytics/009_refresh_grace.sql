-- The token that a used one was taken for: answered again for a short time to a client that repeats. Sealed by a key made of
-- the used token, of which the database has the hash alone.
ALTER TABLE auth_refresh_tokens ADD COLUMN next_hash BLOB;   -- SHA-256
ALTER TABLE auth_refresh_tokens ADD COLUMN next_sealed BLOB;
