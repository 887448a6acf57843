-- The view ledger. Writers, journal and quarantine live by writer, so that an append is a write to one shard; what
-- views are applied to lives by title, and receipts by themselves, since one request's receipt may cover many titles.
SET LOCAL citus.multi_shard_modify_mode TO 'sequential';

-- Writers of the view journal and how far each one's rows are applied: the guard against applying a row twice.
CREATE TABLE ledger_writers (
    writer_id     text        NOT NULL PRIMARY KEY,
    started_at    timestamptz NOT NULL DEFAULT now(),
    applied_batch bigint      NOT NULL DEFAULT 0
) WITH (fillfactor = 20);

-- One row a group commit. The first entries have no receipt; the last ones, one each, have those in receipts.
CREATE TABLE view_journal (
    writer_id   text        NOT NULL,
    batch_no    bigint      NOT NULL,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    content_ids uuid[]      NOT NULL,
    counts      bigint[]    NOT NULL,
    receipts    uuid[],
    PRIMARY KEY (writer_id, batch_no),
    CHECK (cardinality(content_ids) = cardinality(counts) AND array_position(content_ids, NULL) IS NULL),
    CHECK (1 <= ALL (counts) AND 281474976710656 >= ALL (counts)),
    CHECK (cardinality(receipts) BETWEEN 1 AND cardinality(content_ids) AND array_position(receipts, NULL) IS NULL)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, toast.autovacuum_vacuum_scale_factor = 0, toast.autovacuum_vacuum_threshold = 5000);

-- Random ids do not compress.
ALTER TABLE view_journal
    ALTER COLUMN content_ids SET STORAGE EXTERNAL,
    ALTER COLUMN receipts SET STORAGE EXTERNAL;

-- Entries that cannot be added, set aside so that the rest goes on. Somebody has to look at them.
CREATE TABLE view_journal_quarantine (
    writer_id      text        NOT NULL,
    batch_no       bigint      NOT NULL,
    accepted_at    timestamptz NOT NULL,
    content_ids    uuid[]      NOT NULL,
    counts         bigint[]    NOT NULL,
    receipts       uuid[],
    reason         text        NOT NULL,
    quarantined_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (writer_id, batch_no)
);

CREATE TABLE content_views (
    content_id uuid   NOT NULL PRIMARY KEY,
    views      bigint NOT NULL
) WITH (fillfactor = 60);

CREATE TABLE trending_hourly (
    hour       timestamptz NOT NULL,
    content_id uuid        NOT NULL,
    views      bigint      NOT NULL,
    PRIMARY KEY (hour, content_id)
) WITH (fillfactor = 60);

CREATE TABLE trending_daily (
    date               date   NOT NULL,
    content_id         uuid   NOT NULL,
    views              bigint NOT NULL DEFAULT 0,
    watch_time_minutes bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (date, content_id)
) WITH (fillfactor = 60);

-- Receipts of keyed views, for 24 hours.
CREATE TABLE view_receipts (
    receipt     uuid        NOT NULL PRIMARY KEY,
    accepted_at timestamptz NOT NULL
);

CREATE INDEX view_receipts_by_age ON view_receipts (accepted_at);

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
        PERFORM create_distributed_table('ledger_writers', 'writer_id', colocate_with => 'none');
        PERFORM create_distributed_table('view_journal', 'writer_id', colocate_with => 'ledger_writers');
        PERFORM create_distributed_table('view_journal_quarantine', 'writer_id', colocate_with => 'ledger_writers');
        PERFORM create_distributed_table('content_views', 'content_id', colocate_with => 'content_metadata');
        PERFORM create_distributed_table('trending_hourly', 'content_id', colocate_with => 'content_metadata');
        PERFORM create_distributed_table('trending_daily', 'content_id', colocate_with => 'content_metadata');
        PERFORM create_distributed_table('view_receipts', 'receipt', colocate_with => 'none');
    END IF;
END $$;

-- The fence: an append of a writer that was taken over fails, and one in flight is waited for.
ALTER TABLE view_journal
    ADD CONSTRAINT view_journal_writer_fkey FOREIGN KEY (writer_id) REFERENCES ledger_writers (writer_id);
