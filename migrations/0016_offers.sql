-- Until when a place is held for somebody it is offered to from the waiting list; read and written by internal/registration only.
ALTER TABLE registrations ADD COLUMN offer_ends {{.Time}}
