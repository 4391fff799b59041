-- Who wants no letters about what follows an event: its survey, its materials, its outcome.
ALTER TABLE registrations ADD COLUMN quiet boolean NOT NULL DEFAULT false
