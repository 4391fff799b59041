-- Who translates what, until when; and who does without an account. Read and written by internal/translation only.
CREATE TABLE translation_assignments (
  entry_id text NOT NULL REFERENCES entries (id),
  locale text NOT NULL,
  account_id text NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
  due text NOT NULL DEFAULT '', -- a day
  note text NOT NULL DEFAULT '',
  batch text NOT NULL, -- what was assigned together is told in one letter
  assigned_by text NOT NULL,
  assigned_at {{.Time}} NOT NULL,
  PRIMARY KEY (entry_id, locale)
)
--;;
CREATE INDEX translation_assignments_by_account ON translation_assignments (account_id, due)
--;;
CREATE INDEX translation_assignments_by_batch ON translation_assignments (batch)
--;;
CREATE TABLE translation_guests (
  id text PRIMARY KEY,
  entry_id text NOT NULL REFERENCES entries (id),
  locale text NOT NULL,
  source text NOT NULL, -- language they translate from
  name text NOT NULL, -- as the history shows it
  token_hash text NOT NULL UNIQUE,
  until {{.Time}} NOT NULL,
  created_by text NOT NULL,
  created_at {{.Time}} NOT NULL,
  revoked_at {{.Time}},
  used_at {{.Time}}
)
--;;
CREATE INDEX translation_guests_by_entry ON translation_guests (entry_id, locale)
