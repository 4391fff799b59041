-- Letters about what is due; read and written by internal/admin only.
CREATE TABLE reminders (
	account_id text PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
	quiet boolean NOT NULL DEFAULT false, -- wants none
	day text NOT NULL DEFAULT '', -- of the last letter, as the office's calendar has it
	told text NOT NULL DEFAULT '[]' -- JSON: the lines it had, with how urgent they were
)
