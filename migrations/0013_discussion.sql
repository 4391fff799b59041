-- What people say on the discussion boards of events. Read and written by internal/discussion only.
CREATE TABLE discussion_boards (
	event_id text PRIMARY KEY, -- whoever writes on a board holds this row
	closes_at {{.Time}}, -- as the event was last public; addresses are forgotten some days later
	keep integer NOT NULL DEFAULT 0 -- how many
)
--;;
CREATE TABLE discussion_posts (
	id text PRIMARY KEY,
	event_id text NOT NULL REFERENCES discussion_boards (event_id),
	topic text NOT NULL, -- item of the event's board
	parent text NOT NULL DEFAULT '', -- the post it answers; that one answers none
	state text NOT NULL,
	source text NOT NULL, -- reader, question
	name text NOT NULL DEFAULT '',
	organization text NOT NULL DEFAULT '',
	country text NOT NULL DEFAULT '',
	mail text NOT NULL DEFAULT '', -- never public; forgotten when the board's time is over
	mail_key text NOT NULL DEFAULT '', -- lower case
	locale text NOT NULL, -- of the words
	letters text NOT NULL, -- language that its author reads
	text text NOT NULL,
	find text NOT NULL, -- name, organisation and words, folded, to search in
	reports integer NOT NULL DEFAULT 0, -- that nobody has dealt with
	created_at {{.Time}} NOT NULL,
	verified_at {{.Time}}
)
--;;
CREATE INDEX discussion_posts_topic ON discussion_posts (event_id, topic, state, parent, created_at, id)
--;;
CREATE INDEX discussion_posts_state ON discussion_posts (state, created_at, id)
--;;
CREATE INDEX discussion_posts_mail ON discussion_posts (mail_key, created_at)
--;;
CREATE TABLE discussion_tokens (
	hash text PRIMARY KEY, -- SHA-256 of what stands in the letter
	post_id text NOT NULL REFERENCES discussion_posts (id) ON DELETE CASCADE,
	created_at {{.Time}} NOT NULL
)
--;;
CREATE INDEX discussion_tokens_post ON discussion_tokens (post_id)
--;;
CREATE TABLE discussion_log (
	post_id text NOT NULL REFERENCES discussion_posts (id) ON DELETE CASCADE,
	number integer NOT NULL,
	at {{.Time}} NOT NULL,
	actor text NOT NULL, -- account; empty: the author
	action text NOT NULL,
	state text NOT NULL, -- after it
	reason text NOT NULL DEFAULT '',
	PRIMARY KEY (post_id, number)
)
--;;
CREATE TABLE discussion_reports (
	id text PRIMARY KEY,
	post_id text NOT NULL REFERENCES discussion_posts (id) ON DELETE CASCADE,
	network text NOT NULL, -- hashed: one network reports a post once
	reason text NOT NULL,
	note text NOT NULL DEFAULT '',
	at {{.Time}} NOT NULL,
	settled_at {{.Time}},
	UNIQUE (post_id, network)
)
--;;
-- Tries to write, to slow those who make very many. Networks and mailboxes are hashed, and forgotten after a day.
CREATE TABLE discussion_tries (
	id text PRIMARY KEY,
	who text NOT NULL,
	at {{.Time}} NOT NULL
)
--;;
CREATE INDEX discussion_tries_at ON discussion_tries (who, at)
--;;
CREATE TABLE discussion_questions (
	id text PRIMARY KEY,
	event_id text NOT NULL REFERENCES discussion_boards (event_id),
	registration_id text NOT NULL DEFAULT '', -- of which it was an answer
	source text NOT NULL, -- registration, day, floor
	state text NOT NULL,
	topic text NOT NULL DEFAULT '',
	speaker text NOT NULL DEFAULT '', -- entry of the person
	name text NOT NULL DEFAULT '', -- only of those that staff entered, and then public
	mail text NOT NULL DEFAULT '', -- forgotten with those of posts
	locale text NOT NULL,
	text text NOT NULL,
	answers text NOT NULL DEFAULT '{}', -- words by language
	post_id text NOT NULL DEFAULT '', -- what it became on the board
	told_at {{.Time}}, -- the asker, by letter
	created_at {{.Time}} NOT NULL,
	updated_at {{.Time}} NOT NULL
)
--;;
CREATE INDEX discussion_questions_event ON discussion_questions (event_id, state, created_at, id)
--;;
CREATE UNIQUE INDEX discussion_questions_registration ON discussion_questions (registration_id) WHERE registration_id <> ''
