-- What entries owe by a day, and whether it is kept. Made anew from the entry at each save and publication.
-- Read and written by internal/content only.
CREATE TABLE promises (
  entry_id text NOT NULL REFERENCES entries (id),
  item text NOT NULL,
  kind text NOT NULL,
  words text NOT NULL,
  due text NOT NULL,
  owner text NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (entry_id, item)
)
--;;
CREATE INDEX promises_by_day ON promises (state, due, entry_id, item)
--;;
CREATE INDEX promises_by_owner ON promises (owner, state, due, entry_id, item)
--;;
-- What is withdrawn from the public and may come back, as the same entry in feeds and calendars.
CREATE TABLE published_before (
  entry_id text PRIMARY KEY REFERENCES entries (id),
  first_at {{.Time}} NOT NULL,
  sequence integer NOT NULL
)
