-- How somebody takes part in a hybrid event: in_person, online; empty where it was not asked.
ALTER TABLE registrations ADD COLUMN mode text NOT NULL DEFAULT ''
--;;
-- The mode that somebody with a place in the other waits for; their turn is queue.
ALTER TABLE registrations ADD COLUMN wish text NOT NULL DEFAULT ''
--;;
-- Comes to the room, and wants to be able to join online besides.
ALTER TABLE registrations ADD COLUMN also_online boolean NOT NULL DEFAULT false
