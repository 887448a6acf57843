-- Reviews, one a person and title. Ids are 12 bytes as a document store makes them: seconds, random, counter.
CREATE TABLE reviews (
    review_id   BLOB    NOT NULL PRIMARY KEY,
    content_id  BLOB    NOT NULL,
    user_id     BLOB    NOT NULL,
    rating      REAL    NOT NULL CHECK (rating BETWEEN 1 AND 10),
    comment     TEXT,
    is_spoiler  INTEGER NOT NULL DEFAULT 0,
    likes_count INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL, -- milliseconds since 1970, UTC
    UNIQUE (content_id, user_id)
) WITHOUT ROWID;

CREATE INDEX reviews_newest ON reviews (content_id, created_at DESC, review_id DESC);
CREATE INDEX reviews_top ON reviews (content_id, likes_count DESC, review_id DESC);
CREATE INDEX reviews_by_rating ON reviews (content_id, rating DESC, review_id DESC);
