-- What people said after an event. Read and written by internal/registration only. Nothing here leads to a person: answers
-- are added to numbers as they come, words lie by themselves under an id made by chance, and no row has a time of its own.
CREATE TABLE surveys (
	event_id text PRIMARY KEY,
	answers integer NOT NULL DEFAULT 0,
	forget_at {{.Time}} NOT NULL -- when words are deleted; numbers stay
)
--;;
CREATE TABLE survey_counts (
	event_id text NOT NULL,
	question text NOT NULL,
	value text NOT NULL, -- of an answer; empty: how many answered the question
	n integer NOT NULL,
	PRIMARY KEY (event_id, question, value)
)
--;;
CREATE TABLE survey_texts (
	id text PRIMARY KEY,
	event_id text NOT NULL,
	question text NOT NULL,
	words text NOT NULL
)
--;;
CREATE INDEX survey_texts_of ON survey_texts (event_id, question, id)
--;;
-- That somebody has answered, and nothing else: a row of its own would tell in which order people did.
ALTER TABLE registrations ADD COLUMN surveyed boolean NOT NULL DEFAULT false
