-- Tells the coordinator its own name and its workers; once they are known, these change nothing.
SELECT citus_set_coordinator_host('citus-coordinator', 5432);
SELECT citus_add_node('citus-worker-0.citus-worker', 5432);
SELECT citus_add_node('citus-worker-1.citus-worker', 5432);

-- The front's own role, for this coordinator alone: a member of the one to which the silos' first start gives the right to read who is in the cluster.
SET citus.enable_ddl_propagation = off;
SET citus.enable_create_role_propagation = off;
SET citus.enable_alter_role_propagation = off;
SELECT format('CREATE ROLE %I NOLOGIN', name) FROM unnest(ARRAY['streaming_cluster_client', 'streaming_front']) AS name
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) \gexec
\getenv front_password FRONT_PASSWORD
ALTER ROLE streaming_front WITH LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 50 PASSWORD :'front_password';
GRANT streaming_cluster_client TO streaming_front;
REVOKE CONNECT ON DATABASE metadata_db, postgres FROM PUBLIC;
