-- What somebody proposes who may not change it. Read and written by internal/suggestion only.
CREATE TABLE suggestions (
	id text PRIMARY KEY,
	entry_id text NOT NULL REFERENCES entries (id),
	field text NOT NULL, -- path of the field it is about; of a list, the list's
	proposed text NOT NULL, -- leaves by part, as they are to be
	was text NOT NULL, -- the same leaves as its author saw them
	base text NOT NULL, -- versions of the parts that its author saw
	note text NOT NULL DEFAULT '',
	author text NOT NULL,
	created_at {{.Time}} NOT NULL,
	state text NOT NULL, -- open, accepted, declined, withdrawn
	decided_by text NOT NULL DEFAULT '',
	decided_at {{.Time}},
	answer text NOT NULL DEFAULT ''
)
--;;
CREATE INDEX suggestions_entry ON suggestions (entry_id, state, created_at)
--;;
CREATE INDEX suggestions_author ON suggestions (author, state)
