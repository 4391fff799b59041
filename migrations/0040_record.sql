-- The log as a chain: each line has the digest of what it says, and each link is made of the link before and a digest. What
-- is changed, taken away, put in or moved is found by "plenary audit verify". Read and written by internal/auth only.
-- Goes into the digest of the detail, so that what is taken out cannot be guessed.
ALTER TABLE audit ADD COLUMN salt text NOT NULL DEFAULT ''
--;;
-- Of all the line says, made with it.
ALTER TABLE audit ADD COLUMN digest text NOT NULL DEFAULT ''
--;;
-- Digest of the detail that was taken out.
ALTER TABLE audit ADD COLUMN taken_out text NOT NULL DEFAULT ''
--;;
-- Place in the chain; null: not yet in it.
ALTER TABLE audit ADD COLUMN seq bigint
--;;
ALTER TABLE audit ADD COLUMN link text NOT NULL DEFAULT ''
--;;
CREATE UNIQUE INDEX audit_seq ON audit (seq)
--;;
CREATE INDEX audit_waiting ON audit (id) WHERE seq IS NULL
--;;
-- Where the chain ends: one row, made when the first lines are linked.
CREATE TABLE audit_head (
	id integer PRIMARY KEY,
	seq bigint NOT NULL,
	link text NOT NULL,
	adopts_until {{.Time}} NOT NULL, -- lines without a digest are taken in until then: those of a program before this
	checked_at {{.Time}}, -- when the whole chain was last gone through
	checked_seq bigint NOT NULL DEFAULT 0,
	broken text NOT NULL DEFAULT '', -- what was found then, in English; empty: whole
	told_seq bigint NOT NULL DEFAULT 0 -- last head that administrators were told by letter
)
