-- Written by health checks, a few seconds apart: a row of these a program, so that a primary that takes no writes is noticed.
CREATE TABLE health_probes (
    id        integer     NOT NULL PRIMARY KEY,
    probed_at timestamptz NOT NULL
) WITH (fillfactor = 10);

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
        PERFORM create_distributed_table('health_probes', 'id', colocate_with => 'none', shard_count => 4);
    END IF;
END $$;
