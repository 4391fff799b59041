-- Letters to those who registered for an event, at set times and when something has happened. Read and written by
-- internal/registration only. What they say, and when they are due, is part of the event; here is how far they got.
CREATE TABLE messages (
	event_id text NOT NULL REFERENCES registration_events (event_id),
	message text NOT NULL, -- id of the line in the event's plan, or its key where the plan is as it comes
	occurrence integer NOT NULL, -- grows when the event moves after it was sent, and with each change that is told
	key text NOT NULL,
	about text NOT NULL DEFAULT '', -- what happened to the event, or the promises that are told to be kept
	basis {{.Time}}, -- the start or end of the event that it is reckoned from
	due_at {{.Time}}, -- empty while nothing says when
	state text NOT NULL,
	sent integer NOT NULL DEFAULT 0, -- letters
	started_at {{.Time}},
	ended_at {{.Time}},
	created_at {{.Time}} NOT NULL,
	PRIMARY KEY (event_id, message, occurrence)
)
--;;
-- Who has been told: nobody is told twice.
CREATE TABLE message_receipts (
	registration_id text NOT NULL REFERENCES registrations (id) ON DELETE CASCADE,
	message text NOT NULL,
	occurrence integer NOT NULL,
	at {{.Time}} NOT NULL,
	PRIMARY KEY (registration_id, message, occurrence)
)
