-- Who clears what, what reviewers say, and what is to become public when. Read and written by internal/clearance only.
CREATE TABLE clearance_quiet (
	account_id text PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE -- wants no letters about clearance
)
--;;
CREATE TABLE clearance_steps ( -- never changed: the proof of who cleared what
	id text PRIMARY KEY,
	entry_id text NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
	locale text NOT NULL,
	number integer NOT NULL, -- from 1, per entry and language
	state text NOT NULL, -- submitted, returned, cleared
	facts integer NOT NULL, -- revisions that it is about
	words integer NOT NULL,
	author text NOT NULL,
	stead text NOT NULL DEFAULT '', -- account on whose behalf
	asked_by text NOT NULL DEFAULT '', -- who had submitted what is returned or cleared
	note text NOT NULL DEFAULT '',
	at {{.Time}} NOT NULL,
	UNIQUE (entry_id, locale, number)
)
--;;
CREATE INDEX clearance_steps_state ON clearance_steps (state, at)
--;;
CREATE TABLE field_comments (
	id text PRIMARY KEY,
	entry_id text NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
	locale text NOT NULL DEFAULT '', -- empty: about the facts
	path text NOT NULL DEFAULT '', -- of a leaf, with the ids of items; empty: about the whole
	body text NOT NULL,
	author text NOT NULL,
	at {{.Time}} NOT NULL,
	reply text NOT NULL DEFAULT '',
	reply_by text NOT NULL DEFAULT '',
	reply_at {{.Time}},
	resolved_by text NOT NULL DEFAULT '',
	resolved_at {{.Time}}
)
--;;
CREATE INDEX field_comments_entry ON field_comments (entry_id, at)
--;;
CREATE TABLE schedules (
	id text PRIMARY KEY,
	entry_id text NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
	action text NOT NULL, -- publish, withdraw
	due_at {{.Time}} NOT NULL,
	zone text NOT NULL, -- it was said in
	parts text NOT NULL, -- JSON: part → revision; 0 where it is withdrawn
	state text NOT NULL, -- waiting, done, failed, cancelled
	problems text NOT NULL DEFAULT '', -- JSON: why it failed
	created_by text NOT NULL,
	created_at {{.Time}} NOT NULL
)
--;;
CREATE INDEX schedules_entry ON schedules (entry_id, state)
--;;
CREATE INDEX schedules_state ON schedules (state, due_at)
