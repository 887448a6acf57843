-- Written by health checks, a few seconds apart: a row of these a program, so that a primary that takes no writes is noticed.
CREATE TABLE health_probes (
    id        integer     NOT NULL PRIMARY KEY,
    probed_at timestamptz NOT NULL
) WITH (fillfactor = 10);
