-- Another account that an entry's description names, so that its name can be taken out with the account.
ALTER TABLE logs ADD COLUMN about_id BLOB;

UPDATE logs SET about_id = unhex(replace(substr(description, instr(description, ' user ') + 6, 36), '-', ''))
WHERE NOT is_client_reported AND instr(description, ' user ') > 0
  AND action_type IN ('BAN_USER', 'UNBAN_USER', 'SET_ROLE', 'DELETE_ACCOUNT', 'SET_QUOTA', 'RESET_QUOTA');

UPDATE logs SET about_id = unhex(replace(substr(description, instr(description, ' user_id ') + 9, 36), '-', ''))
WHERE NOT is_client_reported AND instr(description, ' user_id ') > 0 AND action_type = 'FETCH_USER_VIDEOS';

UPDATE logs SET about_id = NULL WHERE length(about_id) <> 16;

UPDATE logs SET about_id = NULL, description = substr(description, 1, instr(description, ' user') - 1)
    || CASE WHEN instr(description, ' user_id ') > 0
        THEN ' user_id [removed]' || substr(description, instr(description, ' user_id ') + 45)
        ELSE ' user [removed]' || substr(description, instr(description, ' user ') + 42) END
WHERE about_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE user_id = about_id);

CREATE INDEX logs_about ON logs (about_id) WHERE about_id IS NOT NULL;
