-- Who is told what is new on boards, and which posts stand first on their topics. Read and written by internal/discussion only.
-- How many posts of a board have come to be shown so far.
ALTER TABLE discussion_boards ADD COLUMN shown integer NOT NULL DEFAULT 0
--;;
-- Which of those a post was; 0: it was never shown.
ALTER TABLE discussion_posts ADD COLUMN number integer NOT NULL DEFAULT 0
--;;
-- Its author wants to be told what is new, once the mailbox is confirmed.
ALTER TABLE discussion_posts ADD COLUMN follow boolean NOT NULL DEFAULT false
--;;
-- Since when it stands first on its topic.
ALTER TABLE discussion_posts ADD COLUMN pinned_at {{.Time}}
--;;
-- Entry of the person of the event who answers in it.
ALTER TABLE discussion_posts ADD COLUMN answers_as text NOT NULL DEFAULT ''
--;;
CREATE TABLE discussion_followers (
	id text PRIMARY KEY,
	event_id text NOT NULL REFERENCES discussion_boards (event_id),
	mail text NOT NULL, -- forgotten with those of posts
	mail_key text NOT NULL, -- lower case
	locale text NOT NULL, -- of the letters
	seen integer NOT NULL DEFAULT 0, -- posts up to this number are told
	told_at {{.Time}}, -- the last letter
	created_at {{.Time}} NOT NULL,
	confirmed_at {{.Time}}, -- before that, no letter but the one that asks
	UNIQUE (event_id, mail_key)
)
