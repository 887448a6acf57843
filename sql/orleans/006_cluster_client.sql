-- What a program needs that is a client of the cluster and no member: to find the silos. Fronts log in as members of this role,
-- and have no right to the state of grains, to reminders, or to change who is in the cluster. Where this program may not make roles, there is none.
DO $$
BEGIN
    CREATE ROLE streaming_cluster_client NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END
$$;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'streaming_cluster_client') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO streaming_cluster_client', current_schema());
        GRANT SELECT ON OrleansQuery, OrleansMembershipTable, OrleansMembershipVersionTable TO streaming_cluster_client;
    END IF;
END
$$;
