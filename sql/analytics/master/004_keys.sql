-- What protects the fronts' cookies, as the fronts encrypted it. A number is taken once: of fronts that make a key at the
-- same time, one writes it and the others read it.
CREATE TABLE auth.data_protection_keys (
    number     integer     NOT NULL PRIMARY KEY,
    element    text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
