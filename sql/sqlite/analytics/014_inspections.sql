-- What is found out about the files of videos after their upload, and which are still to be looked at. Old ones are looked at too.
ALTER TABLE videos ADD COLUMN inspect_at INTEGER; -- from when on it waits to be looked at; later than now while somebody looks at it; null when that is over
ALTER TABLE videos ADD COLUMN inspection_began_at INTEGER;
ALTER TABLE videos ADD COLUMN inspections INTEGER NOT NULL DEFAULT 0; -- begun
ALTER TABLE videos ADD COLUMN inspected_at INTEGER;
ALTER TABLE videos ADD COLUMN playable INTEGER; -- null: nobody can tell
ALTER TABLE videos ADD COLUMN reason TEXT;
ALTER TABLE videos ADD COLUMN codec TEXT;

UPDATE videos SET inspect_at = uploaded_at WHERE state IN ('stored', 'deleted');

CREATE INDEX videos_to_inspect ON videos (user_id, uploaded_at, id, inspect_at) WHERE inspect_at IS NOT NULL AND state = 'stored';
CREATE INDEX videos_turns_of_user ON videos (user_id, inspection_began_at) WHERE inspection_began_at IS NOT NULL;

-- How many videos a person may have; null is what everybody has.
ALTER TABLE quota_limits ADD COLUMN videos INTEGER;
