-- On the coordinator beside the catalogue, and no part of Citus: without the catalogue nothing is served either.
CREATE DATABASE orleans_db;
