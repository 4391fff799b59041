-- Whether somebody with a place was asked to say again that they come, since the event has moved: asked, yes; empty: no.
ALTER TABLE registrations ADD COLUMN again text NOT NULL DEFAULT ''
