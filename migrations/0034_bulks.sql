-- Decisions on all registrations that a filter found; read and written by internal/registration only.
CREATE TABLE registration_bulks (
	id text PRIMARY KEY,
	event_id text NOT NULL,
	op text NOT NULL,
	undoes text NOT NULL DEFAULT '', -- id of the one that it takes back
	state text NOT NULL, -- running, stopped, done
	total integer NOT NULL,
	created_by text NOT NULL,
	created_at {{.Time}} NOT NULL,
	ended_at {{.Time}}
)
--;;
CREATE INDEX registration_bulks_event ON registration_bulks (event_id, created_at)
--;;
-- The registrations that were found when somebody confirmed it, in the order they came.
CREATE TABLE registration_bulk_rows (
	bulk_id text NOT NULL REFERENCES registration_bulks (id) ON DELETE CASCADE,
	position integer NOT NULL,
	registration_id text NOT NULL,
	result text NOT NULL DEFAULT '', -- empty: still to come; done, waiting, full, passed
	PRIMARY KEY (bulk_id, position)
)
