-- What of a session lies between two long pauses; moments are the servers', where watched_at is the player's. Null in rows from before.
ALTER TABLE user_watch_history
    ADD COLUMN heard_at               timestamptz,
    ADD COLUMN started_at             timestamptz,
    ADD COLUMN watched_before_seconds integer          NOT NULL DEFAULT 0,
    ADD COLUMN allowance_seconds      double precision NOT NULL DEFAULT 0,
    ADD COLUMN owed_seconds           integer          NOT NULL DEFAULT 0,
    ADD COLUMN credited_seconds       integer          NOT NULL DEFAULT 0; -- of it, what daily_watch_time has

ALTER TABLE resume_positions
    ADD COLUMN session_id uuid,                           -- whose position it is
    ADD COLUMN viewed_at  timestamptz,                    -- when the last view that is recorded qualified
    ADD COLUMN forgotten  boolean NOT NULL DEFAULT false; -- removed by the person, at updated_at

-- Seconds watched in views, by day (UTC) and title, and how many minutes of them trending_daily has.
CREATE TABLE daily_watch_time (
    date              date   NOT NULL,
    content_id        uuid   NOT NULL,
    seconds           bigint NOT NULL,
    published_minutes bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (date, content_id)
) WITH (fillfactor = 70);

CREATE INDEX daily_watch_time_unpublished ON daily_watch_time (date, content_id) WHERE seconds / 60 > published_minutes;
