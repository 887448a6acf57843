-- Tables of the analytics databases as this one sees them: servers, user mappings and foreign tables hang on the
-- configuration, so a step of the start makes them. Queries over them are planned on the coordinator, and the workers
-- need none of this.
SET LOCAL citus.enable_ddl_propagation TO off;

CREATE EXTENSION IF NOT EXISTS postgres_fdw;
CREATE SCHEMA analytics;
CREATE SCHEMA analytics_replica;
