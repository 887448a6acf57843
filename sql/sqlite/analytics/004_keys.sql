-- What protects the fronts' cookies, as the fronts encrypted it.
CREATE TABLE auth_data_protection_keys (
    number     INTEGER NOT NULL PRIMARY KEY,
    element    TEXT    NOT NULL,
    created_at INTEGER NOT NULL
);
