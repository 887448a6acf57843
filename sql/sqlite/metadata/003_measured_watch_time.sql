-- Of watch_time_minutes, what comes from people's progress. It is set, not added to, so that telling it twice changes nothing.
ALTER TABLE trending_daily ADD COLUMN measured_minutes INTEGER NOT NULL DEFAULT 0;
