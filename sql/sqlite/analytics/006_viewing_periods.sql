-- What of a session lies between two long pauses; moments are the servers', where watched_at is the player's. Null in rows from before.
ALTER TABLE user_watch_history ADD COLUMN heard_at INTEGER;
ALTER TABLE user_watch_history ADD COLUMN started_at INTEGER;
ALTER TABLE user_watch_history ADD COLUMN watched_before_seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE user_watch_history ADD COLUMN allowance_seconds REAL NOT NULL DEFAULT 0;
ALTER TABLE user_watch_history ADD COLUMN owed_seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE user_watch_history ADD COLUMN credited_seconds INTEGER NOT NULL DEFAULT 0; -- of it, what daily_watch_time has

ALTER TABLE resume_positions ADD COLUMN session_id BLOB;                                -- whose position it is
ALTER TABLE resume_positions ADD COLUMN viewed_at INTEGER;                              -- when the last view that is recorded qualified
ALTER TABLE resume_positions ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;           -- removed by the person, at updated_at

-- Seconds watched in views, by day (UTC) and title, and how many minutes of them trending_daily has.
CREATE TABLE daily_watch_time (
    date              TEXT    NOT NULL,
    content_id        BLOB    NOT NULL,
    seconds           INTEGER NOT NULL,
    published_minutes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (date, content_id)
) WITHOUT ROWID;

CREATE INDEX daily_watch_time_unpublished ON daily_watch_time (date, content_id) WHERE seconds / 60 > published_minutes;
