-- What the replica gets: named columns, so that one that is added later stays here unless it is named too. Run at each
-- start with a replica, after the numbered scripts.
CREATE TABLE IF NOT EXISTS replication_heartbeat (
    id      integer     NOT NULL PRIMARY KEY CHECK (id = 1),
    beat_at timestamptz NOT NULL
) WITH (fillfactor = 10);

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_publication WHERE pubname = 'analytics_pub') THEN
        CREATE PUBLICATION analytics_pub FOR TABLE
            users (user_id, username, email, registration_date),
            user_watch_history (history_id, user_id, content_id, watched_at, duration_watched_seconds, last_position_seconds),
            resume_positions (user_id, content_id, position_seconds, duration_seconds, watched, updated_at),
            replication_heartbeat (id, beat_at);
    END IF;
END
$$;
