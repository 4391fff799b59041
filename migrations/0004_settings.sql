-- What the office sets of its site. Read and written by internal/settings only.
CREATE TABLE settings (
	key text PRIMARY KEY, -- a field of settings.Site
	value {{.JSON}} NOT NULL,
	updated_at {{.Time}} NOT NULL,
	updated_by text NOT NULL
)
