-- An API key is good while who made it is an administrator, and names nobody whose account is gone.
ALTER TABLE auth.api_keys ALTER COLUMN made_by DROP NOT NULL;

UPDATE auth.api_keys SET revoked_at = now()
WHERE revoked_at IS NULL AND NOT EXISTS (SELECT 1 FROM users WHERE user_id = made_by AND role = 'admin' AND banned_at IS NULL);

UPDATE auth.api_keys SET made_by = NULL WHERE NOT EXISTS (SELECT 1 FROM users WHERE user_id = made_by);

CREATE INDEX api_keys_of_maker ON auth.api_keys (made_by);
