-- Several forms may wait for one mailbox to confirm one of them; of those that count there is one, as before.
DROP INDEX registrations_mail
--;;
CREATE UNIQUE INDEX registrations_mail ON registrations (event_id, mail_key) WHERE mail_key <> '' AND state <> 'unverified'
--;;
CREATE INDEX registrations_mailbox ON registrations (mail_key, event_id) WHERE mail_key <> ''
--;;
-- Whether the link's letter was asked for by a form that anybody can send with anybody's address.
ALTER TABLE registration_tokens ADD COLUMN asked boolean NOT NULL DEFAULT false
--;;
-- Letters to registrants who were forgotten before letters were forgotten with them.
UPDATE letters SET emptied = true, to_address = '', to_key = '', to_name = '', subject = '', body = '', html = '', reply_to = '', unsubscribe = ''
WHERE cause LIKE 'registration.%' AND state IN ('sent', 'bounced', 'failed', 'cancelled')
	AND event_id IN (SELECT event_id FROM registration_counts) AND event_id NOT IN (SELECT event_id FROM registrations)
--;;
UPDATE letter_log SET detail = '' WHERE letter_id IN (SELECT id FROM letters WHERE emptied)
