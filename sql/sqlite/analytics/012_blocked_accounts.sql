-- Accounts that are banned or gone: told for as long as a URL of media may be good.
CREATE INDEX auth_access_changes_blocked ON auth_access_changes (changed_at, id) WHERE subject = 'account' AND is_blocked;
