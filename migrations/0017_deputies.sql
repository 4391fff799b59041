-- Who decides in whose stead. Read and written by internal/auth only.
CREATE TABLE deputies (
	account_id text PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE, -- whose right to clear it is
	deputy_id text NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
	until {{.Time}} NOT NULL
)
--;;
CREATE INDEX deputies_deputy ON deputies (deputy_id)
