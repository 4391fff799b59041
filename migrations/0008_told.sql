-- What readers are told of changes to a published entry, the latest last: [{"number": 2, "at": …, "what": …}].
ALTER TABLE publications ADD COLUMN told text NOT NULL DEFAULT ''
