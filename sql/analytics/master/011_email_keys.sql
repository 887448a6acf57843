-- The form of an e-mail in which it has one account: NFKC, case-folded, as the program makes it. Null for one that was stored
-- before and has other letters than ASCII, or that something else has added: such a one is found by its lower case.
ALTER TABLE users ADD COLUMN email_key text;

UPDATE users SET email_key = lower(email COLLATE "C") WHERE email ~ '^[!-~]+$';

CREATE UNIQUE INDEX users_email_key ON users (email_key);
