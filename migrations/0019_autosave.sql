-- How many automatic saves of one sitting a revision stands for, 0 for one that somebody asked for; when the sitting began.
ALTER TABLE revisions ADD COLUMN autosaves integer NOT NULL DEFAULT 0
--;;
ALTER TABLE revisions ADD COLUMN began {{.Time}}
--;;
-- A step is followed by another of its sitting. It is kept a while, as what forms opened meanwhile were made from.
ALTER TABLE revisions ADD COLUMN step boolean NOT NULL DEFAULT false
--;;
CREATE INDEX revisions_steps ON revisions (at) WHERE step
--;;
-- The page that a save came from, and which of its saves it is: one that is sent again finds itself here.
ALTER TABLE revisions ADD COLUMN tab text NOT NULL DEFAULT ''
--;;
ALTER TABLE revisions ADD COLUMN seq integer NOT NULL DEFAULT 0
--;;
-- Who is in an entry now, and in which field.
CREATE TABLE presence (
  entry_id text NOT NULL REFERENCES entries (id),
  account_id text NOT NULL,
  field text NOT NULL DEFAULT '',
  at {{.Time}} NOT NULL,
  PRIMARY KEY (entry_id, account_id)
)
