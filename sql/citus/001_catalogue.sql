-- The catalogue. On Citus titles are spread by content_id, their genres and cast beside them; genres and people are
-- small and on every worker.
SET LOCAL citus.multi_shard_modify_mode TO 'sequential';

CREATE TABLE content_metadata (
    content_id       uuid           NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    title            varchar(255)   NOT NULL,
    original_title   varchar(255),
    release_date     date,
    duration_minutes int,
    content_type     varchar(20)    NOT NULL CHECK (content_type IN ('movie', 'series', 'documentary')),
    summary          text,
    thumbnail_url    text,
    trailer_url      text,
    rating           numeric(3, 1)  CHECK (rating BETWEEN 0 AND 10),
    created_at       timestamptz(3) NOT NULL DEFAULT now(),
    updated_at       timestamptz(3) NOT NULL DEFAULT now()
);

CREATE TABLE genres (
    genre_id int          NOT NULL PRIMARY KEY,
    name     varchar(100) NOT NULL UNIQUE
);

CREATE TABLE cast_crew (
    person_id     uuid         NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    name          varchar(255) NOT NULL,
    role          varchar(100),
    biography     text,
    date_of_birth date
);

CREATE TABLE content_genres (
    content_id uuid NOT NULL,
    genre_id   int  NOT NULL,
    PRIMARY KEY (content_id, genre_id)
);

CREATE TABLE content_cast_crew (
    content_id     uuid NOT NULL,
    person_id      uuid NOT NULL,
    character_name varchar(255),
    PRIMARY KEY (content_id, person_id)
);

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus') THEN
        PERFORM create_reference_table('genres');
        PERFORM create_reference_table('cast_crew');
        PERFORM create_distributed_table('content_metadata', 'content_id');
        PERFORM create_distributed_table('content_genres', 'content_id', colocate_with => 'content_metadata');
        PERFORM create_distributed_table('content_cast_crew', 'content_id', colocate_with => 'content_metadata');
    END IF;
END
$$;

-- Citus takes foreign keys between tables that it already knows, one a statement.
ALTER TABLE content_genres ADD CONSTRAINT content_genres_content FOREIGN KEY (content_id) REFERENCES content_metadata (content_id);
ALTER TABLE content_genres ADD CONSTRAINT content_genres_genre FOREIGN KEY (genre_id) REFERENCES genres (genre_id);
ALTER TABLE content_cast_crew ADD CONSTRAINT content_cast_crew_content FOREIGN KEY (content_id) REFERENCES content_metadata (content_id);
ALTER TABLE content_cast_crew ADD CONSTRAINT content_cast_crew_person FOREIGN KEY (person_id) REFERENCES cast_crew (person_id);
