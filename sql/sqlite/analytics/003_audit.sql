-- The audit log. An entry outlives the account that it names, so no key refers to one.
CREATE TABLE logs (
    id                 BLOB    NOT NULL PRIMARY KEY,
    user_id            BLOB,
    action_type        TEXT    NOT NULL,
    description        TEXT    NOT NULL,
    service_name       TEXT    NOT NULL,
    created_at         INTEGER NOT NULL,
    is_client_reported INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX logs_newest ON logs (created_at DESC, id DESC);
CREATE INDEX logs_newest_of_user ON logs (user_id, created_at DESC, id DESC);
CREATE INDEX logs_newest_of_action ON logs (action_type, created_at DESC, id DESC);
CREATE INDEX logs_newest_of_service ON logs (service_name, created_at DESC, id DESC);
