-- The audit log. An entry outlives the account that it names, so no key refers to one. Not published: who reads it wants
-- what happened until now.
CREATE TABLE logs (
    id                 uuid        NOT NULL PRIMARY KEY,
    user_id            uuid,
    action_type        text        NOT NULL,
    description        text        NOT NULL,
    service_name       text        NOT NULL,
    created_at         timestamptz NOT NULL,
    is_client_reported boolean     NOT NULL
);

CREATE INDEX logs_newest ON logs (created_at DESC, id DESC);
CREATE INDEX logs_newest_of_user ON logs (user_id, created_at DESC, id DESC);
CREATE INDEX logs_newest_of_action ON logs (action_type, created_at DESC, id DESC);
CREATE INDEX logs_newest_of_service ON logs (service_name, created_at DESC, id DESC);
