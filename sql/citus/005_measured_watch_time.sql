-- Of watch_time_minutes, what comes from people's progress. It is set, not added to, so that telling it twice changes nothing.
SET LOCAL citus.multi_shard_modify_mode TO 'sequential';

ALTER TABLE trending_daily ADD COLUMN measured_minutes bigint NOT NULL DEFAULT 0;
