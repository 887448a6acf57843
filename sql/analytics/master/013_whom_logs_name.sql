-- Another account that an entry's description names, so that its name can be taken out with the account.
ALTER TABLE logs ADD COLUMN about_id uuid;

UPDATE logs SET about_id = substring(description FROM '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}')::uuid
WHERE NOT is_client_reported
  AND action_type IN ('BAN_USER', 'UNBAN_USER', 'SET_ROLE', 'DELETE_ACCOUNT', 'SET_QUOTA', 'RESET_QUOTA', 'FETCH_USER_VIDEOS')
  AND description ~ ' user(_id)? [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

UPDATE logs SET description = replace(description, about_id::text, '[removed]'), about_id = NULL
WHERE about_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE user_id = about_id);

CREATE INDEX logs_about ON logs (about_id) WHERE about_id IS NOT NULL;
