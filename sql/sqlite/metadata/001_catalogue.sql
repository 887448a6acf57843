-- The catalogue. Ids are 16-byte big-endian uuids, so that their order is that of their text;
-- moments are milliseconds since 1970, UTC; dates are ISO text.
CREATE TABLE content_metadata (
    content_id       BLOB    NOT NULL PRIMARY KEY,
    title            TEXT    NOT NULL,
    original_title   TEXT,
    release_date     TEXT,
    duration_minutes INTEGER,
    content_type     TEXT    NOT NULL CHECK (content_type IN ('movie', 'series', 'documentary')),
    summary          TEXT,
    thumbnail_url    TEXT,
    trailer_url      TEXT,
    rating           REAL    CHECK (rating BETWEEN 0 AND 10),
    created_at       INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE genres (
    genre_id INTEGER NOT NULL PRIMARY KEY,
    name     TEXT    NOT NULL UNIQUE
);

CREATE TABLE cast_crew (
    person_id     BLOB NOT NULL PRIMARY KEY,
    name          TEXT NOT NULL,
    role          TEXT,
    biography     TEXT,
    date_of_birth TEXT
) WITHOUT ROWID;

CREATE TABLE content_genres (
    content_id BLOB    NOT NULL REFERENCES content_metadata,
    genre_id   INTEGER NOT NULL REFERENCES genres,
    PRIMARY KEY (content_id, genre_id)
) WITHOUT ROWID;

CREATE TABLE content_cast_crew (
    content_id     BLOB NOT NULL REFERENCES content_metadata,
    person_id      BLOB NOT NULL REFERENCES cast_crew,
    character_name TEXT,
    PRIMARY KEY (content_id, person_id)
) WITHOUT ROWID;
