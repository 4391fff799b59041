-- Who registered for an event. Read and written by internal/registration only.
CREATE TABLE registration_events (
	event_id text PRIMARY KEY, -- whoever gives or takes a place holds this row
	queue bigint NOT NULL DEFAULT 0, -- the last number given to somebody who waits
	ends_at {{.Time}}, -- of the event as it was last public; retention counts from here
	form text NOT NULL DEFAULT '{}' -- how long its answers are kept, as it was last public
)
--;;
CREATE TABLE registrations (
	id text PRIMARY KEY,
	event_id text NOT NULL REFERENCES registration_events (event_id),
	state text NOT NULL,
	approved boolean NOT NULL DEFAULT false, -- by staff, where that is needed
	queue bigint NOT NULL DEFAULT 0, -- the turn of those who wait
	mail text NOT NULL,
	mail_key text NOT NULL, -- lower case: one registration for one mailbox; empty where there is none
	name text NOT NULL,
	find text NOT NULL, -- name, mail and organisation, folded, to search in
	organization text NOT NULL DEFAULT '',
	position text NOT NULL DEFAULT '',
	country text NOT NULL DEFAULT '',
	category text NOT NULL DEFAULT '',
	locale text NOT NULL,
	channel text NOT NULL,
	answers text NOT NULL,
	consents text NOT NULL,
	entered_by text NOT NULL DEFAULT '',
	created_at {{.Time}} NOT NULL,
	updated_at {{.Time}} NOT NULL,
	verified_at {{.Time}}
)
--;;
CREATE UNIQUE INDEX registrations_mail ON registrations (event_id, mail_key) WHERE mail_key <> ''
--;;
CREATE INDEX registrations_state ON registrations (event_id, state, category, queue)
--;;
CREATE INDEX registrations_time ON registrations (event_id, created_at, id)
--;;
CREATE TABLE registration_log (
	registration_id text NOT NULL REFERENCES registrations (id) ON DELETE CASCADE,
	number integer NOT NULL,
	at {{.Time}} NOT NULL,
	actor text NOT NULL, -- account; empty: the person, or what follows from somebody else's step
	action text NOT NULL,
	state text NOT NULL, -- after it
	PRIMARY KEY (registration_id, number)
)
--;;
CREATE TABLE registration_tokens (
	hash text PRIMARY KEY, -- SHA-256 of what stands in the letter
	registration_id text NOT NULL REFERENCES registrations (id) ON DELETE CASCADE,
	created_at {{.Time}} NOT NULL
)
--;;
CREATE INDEX registration_tokens_of ON registration_tokens (registration_id, created_at)
--;;
-- Numbers that stay when the people are forgotten: nobody can be found in them.
CREATE TABLE registration_counts (
	event_id text NOT NULL,
	dimension text NOT NULL, -- state, category, country, locale
	value text NOT NULL,
	n integer NOT NULL,
	PRIMARY KEY (event_id, dimension, value)
)
--;;
-- Tries to register, to slow those who make very many. The network is hashed, and forgotten after an hour.
CREATE TABLE registration_tries (
	id text PRIMARY KEY,
	network text NOT NULL,
	at {{.Time}} NOT NULL
)
--;;
CREATE INDEX registration_tries_at ON registration_tries (network, at)
--;;
CREATE TABLE registration_key (
	id integer PRIMARY KEY,
	key text NOT NULL -- signs the time at which a form was opened
)
