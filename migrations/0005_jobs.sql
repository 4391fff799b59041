-- Work for later. Read and written by internal/job only.
CREATE TABLE jobs (
	id text PRIMARY KEY,
	kind text NOT NULL,
	key text UNIQUE, -- the same key queued twice is one task
	args {{.JSON}} NOT NULL,
	state text NOT NULL, -- waiting, running, failed; what is done has no row
	due_at {{.Time}} NOT NULL,
	attempts integer NOT NULL DEFAULT 0,
	taken integer NOT NULL DEFAULT 0, -- how often it was taken up: names the lease
	again boolean NOT NULL DEFAULT false, -- queued once more while it was running
	lease_until {{.Time}} NOT NULL,
	error text NOT NULL DEFAULT '', -- of the last attempt
	created_at {{.Time}} NOT NULL
)
--;;
CREATE INDEX jobs_due ON jobs (state, due_at)
--;;
-- Letters to be sent and sent. These tables are read and written by internal/mail only.
CREATE TABLE letters (
	id text PRIMARY KEY,
	cause text NOT NULL UNIQUE, -- what it is sent for: one letter for one cause
	state text NOT NULL,
	priority integer NOT NULL,
	to_address text NOT NULL,
	to_key text NOT NULL, -- lower case, for searching
	to_name text NOT NULL DEFAULT '',
	locale text NOT NULL,
	subject text NOT NULL,
	body text NOT NULL,
	html text NOT NULL,
	reply_to text NOT NULL DEFAULT '',
	unsubscribe text NOT NULL DEFAULT '', -- address for one POST
	message_id text NOT NULL UNIQUE,
	secret boolean NOT NULL DEFAULT false, -- holds a key to something: staff do not read it, and it goes once sent
	due_at {{.Time}} NOT NULL,
	expires_at {{.Time}}, -- of no use to anybody afterwards
	attempts integer NOT NULL DEFAULT 0,
	taken integer NOT NULL DEFAULT 0, -- how often it was taken up: names the lease
	lease_until {{.Time}} NOT NULL,
	before_cancel text NOT NULL DEFAULT '', -- the state it is restored to
	version integer NOT NULL DEFAULT 1, -- of its words
	office_id text NOT NULL DEFAULT '',
	series_id text NOT NULL DEFAULT '',
	event_id text NOT NULL DEFAULT '',
	created_by text NOT NULL,
	created_at {{.Time}} NOT NULL,
	sent_at {{.Time}},
	emptied boolean NOT NULL DEFAULT false -- kept for its cause only
)
--;;
CREATE INDEX letters_due ON letters (state, priority, due_at)
--;;
CREATE INDEX letters_created ON letters (created_at)
--;;
CREATE INDEX letters_event ON letters (event_id)
--;;
CREATE TABLE letter_files (
	letter_id text NOT NULL REFERENCES letters (id) ON DELETE CASCADE,
	position integer NOT NULL,
	name text NOT NULL,
	type text NOT NULL, -- MIME type with its parameters
	data {{.Bytes}} NOT NULL,
	PRIMARY KEY (letter_id, position)
)
--;;
CREATE TABLE letter_log (
	id text PRIMARY KEY,
	letter_id text NOT NULL REFERENCES letters (id) ON DELETE CASCADE,
	at {{.Time}} NOT NULL,
	state text NOT NULL, -- what it came to
	detail text NOT NULL DEFAULT '' -- what the server said
)
--;;
CREATE INDEX letter_log_letter ON letter_log (letter_id, id)
