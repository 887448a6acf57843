-- Accounts that are banned or gone: told for as long as a URL of media may be good.
CREATE INDEX access_changes_blocked ON auth.access_changes (changed_at, id) WHERE subject = 'account' AND is_blocked;
