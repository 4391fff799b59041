-- Lists of people that are being taken in, one for an event at a time. Read and written by internal/registration only.
CREATE TABLE registration_imports (
	event_id text PRIMARY KEY,
	file text NOT NULL, -- its name
	state text NOT NULL, -- review, running, done
	head text NOT NULL, -- names of the columns
	plan text NOT NULL, -- which column is which field, and what becomes of people who are there already
	created_by text NOT NULL,
	changed_at {{.Time}} NOT NULL
)
--;;
CREATE TABLE registration_import_rows (
	event_id text NOT NULL REFERENCES registration_imports (event_id) ON DELETE CASCADE,
	number integer NOT NULL, -- of the line in the file
	cells text NOT NULL, -- emptied with its taking
	outcome text NOT NULL DEFAULT '', -- empty: still to be taken
	problems text NOT NULL DEFAULT '',
	PRIMARY KEY (event_id, number)
)
--;;
CREATE INDEX registration_import_rows_left ON registration_import_rows (event_id, outcome, number)
