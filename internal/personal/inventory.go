// Package personal says which personal data the program keeps: in which column, what it is, what for, for how long, and who sees it.
// The panel shows it to administrators, and an office makes its record of processing from it. A test holds it against the schema: each
// column of the tables here has its line, and each other table is named as one that says nothing of people.
package personal

// What a column holds; the message is privacy.what.… of the word.
type What string

// What columns hold. Plain says nothing of a person by itself; it is there so that no column is forgotten.
const (
	Plain     What = ""
	Name      What = "name"
	Mailbox   What = "mailbox"
	Work      What = "work"      // organisation, position
	Country   What = "country"   // of residence or office
	Language  What = "language"  // that the person reads
	Words     What = "words"     // that the person wrote
	Answers   What = "answers"   // to the questions of a form; sealed where these are sensitive
	Consents  What = "consents"  // what was agreed to, when
	Choices   What = "choices"   // how they take part, what they want to be told
	State     What = "state"     // what became of it, and when
	Account   What = "account"   // the id of an account
	Secret    What = "secret"    // what signs somebody in, or the hash of it
	Network   What = "network"   // the neighbourhood of an address, or its hash; the browser
	Letter    What = "letter"    // the words of a letter to the person, and its files
	Rights    What = "rights"    // what an account may do
	Profile   What = "profile"   // a public profile: speakers, contacts
	Someone   What = "someone"   // people in pictures, and their consent
	Sealed    What = "sealed"    // rows of a list that waits, sealed
	Detail    What = "detail"    // of a step in the log
	Preferred What = "preferred" // how the panel looks and lists for an account
)

// Column is one of a table.
type Column struct {
	Name string
	What What
}

// Table is one with personal data. Purpose, Kept and Seen are words of messages: privacy.purpose.…, privacy.kept.…, privacy.seen.….
type Table struct {
	Name                string
	Purpose, Kept, Seen string
	Columns             []Column
	// Whole: each column of the table is in Columns. Else the table is about something else, and Columns are those that name people.
	Whole bool
}

// Personal are the columns that say something of a person.
func (t Table) Personal() []Column {
	var out []Column
	for _, c := range t.Columns {
		if c.What != Plain {
			out = append(out, c)
		}
	}
	return out
}

func whole(name, purpose, kept, seen string, columns ...Column) Table {
	return Table{name, purpose, kept, seen, columns, true}
}

// did is a table about something else, in which columns say which account did it.
func did(name string, columns ...string) Table {
	t := Table{Name: name, Purpose: "work", Kept: "object", Seen: "staff"}
	for _, c := range columns {
		t.Columns = append(t.Columns, Column{c, Account})
	}
	return t
}

// of gives columns that hold the same.
func of(w What, names ...string) (out []Column) {
	for _, n := range names {
		out = append(out, Column{n, w})
	}
	return out
}

func all(parts ...[]Column) (out []Column) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// Inventory are the tables with personal data, by what they are for.
var Inventory = []Table{
	whole("registrations", "register", "event", "registrants", all(of(Plain, "id", "event_id", "approved", "queue", "category", "channel"), of(State, "state", "created_at", "updated_at", "verified_at", "surveyed", "offer_ends"),
		of(Mailbox, "mail", "mail_key"), of(Name, "name", "find"), of(Work, "organization", "position"), of(Country, "country"), of(Language, "locale"), of(Answers, "answers"), of(Consents, "consents"),
		of(Account, "entered_by"), of(Choices, "quiet", "again", "mode", "wish", "also_online"))...),
	whole("registration_log", "register", "event", "registrants", all(of(Plain, "registration_id", "number"), of(Account, "actor"), of(State, "at", "action", "state"))...),
	whole("registration_tokens", "register", "event", "nobody", all(of(Secret, "hash"), of(Plain, "registration_id", "asked"), of(State, "created_at"))...),
	whole("registration_imports", "register", "week", "registrants", all(of(Plain, "event_id", "file", "state", "head", "plan"), of(Account, "created_by"), of(State, "changed_at"))...),
	whole("registration_import_rows", "register", "week", "registrants", all(of(Plain, "event_id", "number", "outcome", "problems"), of(Sealed, "cells"))...),
	whole("registration_tries", "abuse", "hour", "nobody", all(of(Plain, "id"), of(Network, "network"), of(State, "at"))...),
	whole("survey_texts", "survey", "event", "registrants", all(of(Plain, "id", "event_id", "question"), of(Words, "words"))...),
	whole("message_receipts", "register", "event", "nobody", all(of(Plain, "registration_id", "message", "occurrence"), of(State, "at"))...),

	whole("discussion_posts", "discussion", "board", "board", all(of(Plain, "id", "event_id", "topic", "parent", "source", "reports", "number", "pinned_at"), of(State, "state", "created_at", "verified_at"), of(Name, "name", "find"), of(Work, "organization"), of(Country, "country"),
		of(Mailbox, "mail", "mail_key"), of(Language, "locale", "letters"), of(Words, "text"), of(Choices, "follow"), of(Profile, "answers_as"))...),
	whole("discussion_questions", "discussion", "board", "board", all(of(Plain, "id", "event_id", "registration_id", "source", "topic", "answers", "post_id"), of(State, "state", "told_at", "created_at", "updated_at"), of(Profile, "speaker"), of(Name, "name"), of(Mailbox, "mail"), of(Language, "locale"), of(Words, "text"))...),
	whole("discussion_followers", "discussion", "board", "moderators", all(of(Plain, "id", "event_id", "seen"), of(Mailbox, "mail", "mail_key"), of(Language, "locale"), of(State, "told_at", "created_at", "confirmed_at"))...),
	whole("discussion_log", "discussion", "board", "moderators", all(of(Plain, "post_id", "number"), of(Account, "actor"), of(State, "at", "action", "state"), of(Words, "reason"))...),
	whole("discussion_reports", "abuse", "board", "moderators", all(of(Plain, "id", "post_id"), of(Network, "network"), of(Words, "reason", "note"), of(State, "at", "settled_at"))...),
	whole("discussion_tokens", "discussion", "board", "nobody", all(of(Secret, "hash"), of(Plain, "post_id"), of(State, "created_at"))...),
	whole("discussion_tries", "abuse", "hour", "nobody", all(of(Plain, "id"), of(Network, "who"), of(State, "at"))...),

	whole("comments", "comments", "round", "editors", all(of(Plain, "id", "entry_id", "paragraph", "place", "kind", "number", "words", "words_locale", "disposition", "reason"), of(State, "state", "told_at", "created_at", "verified_at"), of(Name, "name"), of(Work, "organization"), of(Country, "country"),
		of(Mailbox, "mail", "mail_key"), of(Language, "locale", "letters"), of(Words, "text"), of(Account, "assignee"))...),
	whole("comment_log", "comments", "object", "editors", all(of(Plain, "comment_id", "number"), of(Account, "actor"), of(State, "at", "action"), of(Detail, "detail"))...),
	whole("comment_tokens", "comments", "round", "nobody", all(of(Secret, "hash"), of(Plain, "comment_id"))...),

	whole("letters", "letters", "letters", "outbox", all(of(Plain, "id", "cause", "priority", "message_id", "attempts", "taken", "lease_until", "before_cancel", "version", "office_id", "series_id", "event_id", "emptied"), of(State, "state", "due_at", "expires_at", "created_at", "sent_at"),
		of(Mailbox, "to_address", "to_key", "reply_to"), of(Name, "to_name"), of(Language, "locale"), of(Letter, "subject", "body", "html"), of(Secret, "unsubscribe", "secret", "keys"), of(Account, "created_by"))...),
	whole("letter_files", "letters", "letters", "outbox", all(of(Plain, "letter_id", "position", "type"), of(Letter, "name", "data"))...),
	whole("letter_log", "letters", "letters", "outbox", all(of(Plain, "id", "letter_id"), of(State, "at", "state"), of(Detail, "detail"))...),

	whole("accounts", "accounts", "account", "managers", all(of(Account, "id"), of(Mailbox, "email", "email_key"), of(Name, "name"), of(Language, "locale"), of(Preferred, "theme", "keys_off"), of(Work, "organization"), of(Secret, "password"), of(Rights, "disabled"), of(Plain, "policy"), of(State, "created_at", "updated_at"))...),
	whole("sessions", "sign_in", "session", "self", all(of(Secret, "token_hash", "old_hash"), of(Plain, "id", "policy", "unfinished"), of(Account, "account_id", "seeing"), of(Network, "network", "agent"), of(State, "created_at", "seen_at", "expires_at", "way", "confirmed_at", "old_until", "seeing_until"))...),
	whole("sign_ins", "abuse", "quarter", "nobody", all(of(Plain, "id", "ok", "via"), of(Account, "account_key"), of(Network, "network", "device"), of(State, "at"))...),
	whole("devices", "sign_in", "quarter", "nobody", all(of(Secret, "hash"), of(Account, "account_id"), of(State, "used_at"))...),
	whole("factors", "sign_in", "account", "self", all(of(Plain, "id", "kind", "step"), of(Account, "account_id"), of(Preferred, "name"), of(Secret, "credential", "secret"), of(State, "created_at", "used_at"))...),
	whole("recovery_codes", "sign_in", "account", "nobody", all(of(Secret, "hash"), of(Account, "account_id"))...),
	whole("identities", "sign_in", "account", "nobody", all(of(Plain, "issuer"), of(Secret, "subject"), of(Account, "account_id"), of(State, "created_at"))...),
	whole("ceremonies", "sign_in", "expiry", "nobody", all(of(Secret, "token_hash", "data"), of(Plain, "kind", "tries"), of(Account, "account_id"), of(Network, "network"), of(State, "expires_at"))...),
	whole("tokens", "sign_in", "expiry", "nobody", all(of(Secret, "hash"), of(Account, "purpose"), of(State, "expires_at"))...),
	whole("grants", "rights", "account", "managers", all(of(Plain, "id", "scope_id", "office_id"), of(Account, "account_id", "created_by"), of(Rights, "role", "scope", "locale", "until"), of(State, "created_at", "confirmed_at", "asked_at", "ending_at", "warned_at"))...),
	whole("deputies", "rights", "account", "staff", all(of(Account, "account_id", "deputy_id"), of(Rights, "until"))...),
	whole("invitations", "rights", "invitation", "managers", all(of(Plain, "id", "scope_id", "office_id"), of(Mailbox, "email", "email_key"), of(Name, "name"), of(Language, "locale"), of(Work, "organization"), of(Rights, "role", "scope", "grant_locale", "until"), of(Account, "created_by"), of(State, "created_at", "expires_at", "used_at", "revoked_at"))...),
	whole("saved_views", "accounts", "account", "self", all(of(Plain, "id", "list"), of(Account, "account_id"), of(Preferred, "name", "query", "usual", "shared"), of(State, "created_at", "removed_at"))...),
	whole("reminders", "accounts", "account", "nobody", all(of(Account, "account_id"), of(Preferred, "quiet"), of(State, "day", "told"))...),
	whole("clearance_quiet", "accounts", "account", "nobody", of(Account, "account_id")...),
	whole("presence", "work", "hour", "staff", all(of(Plain, "entry_id", "field"), of(Account, "account_id"), of(State, "at"))...),
	whole("audit", "record", "record", "readers", all(of(Plain, "id", "kind", "object_id", "locale", "office_id", "salt", "digest", "taken_out", "seq", "link"), of(Account, "actor"), of(State, "at", "action"), of(Detail, "detail"))...),

	whole("translation_guests", "translating", "object", "editors", all(of(Plain, "id", "entry_id", "source"), of(Language, "locale"), of(Name, "name"), of(Secret, "token_hash"), of(Account, "created_by"), of(State, "until", "created_at", "revoked_at", "used_at"))...),
	whole("translation_assignments", "translating", "object", "staff", all(of(Plain, "entry_id", "locale", "due", "batch"), of(Account, "account_id", "assigned_by"), of(Words, "note"), of(State, "assigned_at"))...),

	{Name: "parts", Purpose: "publishing", Kept: "object", Seen: "staff", Columns: of(Profile, "doc")},
	{Name: "revisions", Purpose: "publishing", Kept: "object", Seen: "staff", Columns: all(of(Profile, "doc"), of(Account, "author"))},
	{Name: "live", Purpose: "publishing", Kept: "public", Seen: "everybody", Columns: all(of(Profile, "doc"), of(Account, "published_by"))},
	{Name: "published", Purpose: "publishing", Kept: "object", Seen: "staff", Columns: all(of(Profile, "doc"), of(Account, "from_by", "until_by"))},
	{Name: "named_versions", Purpose: "publishing", Kept: "public", Seen: "everybody", Columns: of(Profile, "doc")},
	{Name: "publications", Purpose: "publishing", Kept: "public", Seen: "everybody", Columns: of(Profile, "title", "summary", "card", "find")},
	{Name: "editions", Purpose: "publishing", Kept: "public", Seen: "everybody", Columns: of(Profile, "doc")},
	{Name: "search_docs", Purpose: "publishing", Kept: "public", Seen: "everybody", Columns: of(Profile, "title", "names", "summary", "body")},
	{Name: "entry_languages", Purpose: "publishing", Kept: "object", Seen: "staff", Columns: of(Profile, "title")},
	{Name: "media", Purpose: "publishing", Kept: "object", Seen: "staff", Columns: all(of(Someone, "name", "name_key", "credit", "consent", "consent_until", "consent_note"), of(Account, "created_by", "version_by", "deleted_by"))},
	{Name: "media_words", Purpose: "publishing", Kept: "object", Seen: "everybody", Columns: of(Someone, "alt", "caption")},
	{Name: "memory_units", Purpose: "translating", Kept: "object", Seen: "staff", Columns: all(of(Profile, "source", "target"), of(Account, "by_account"))},
	did("entries", "created_by", "updated_by"), did("media_changes", "by_account"), did("media_versions", "by_account"), did("media_uploads", "account_id"), did("preview_links", "created_by", "revoked_by"),
	did("schedules", "created_by"), did("clearance_steps", "author", "stead", "asked_by"), did("field_comments", "author", "reply_by", "resolved_by"), did("suggestions", "author", "decided_by"), did("sign_offs", "author"), did("waivers", "author"),
	did("rewordings", "account_id"), did("registration_bulks", "created_by"), did("terms", "updated_by"), did("settings", "updated_by"), did("translation_imports", "account_id"), did("promises", "owner"),
}

// Nothing are the tables that say nothing of people.
var Nothing = []string{"audit_head", "comment_rounds", "discussion_boards", "entry_titles", "facet_counts", "facets", "generations", "jobs", "links", "media_intents", "media_pieces", "memory_words", "messages", "migrations", "paths", "published_before",
	"registration_bulk_rows", "registration_counts", "registration_events", "registration_key", "renditions", "reworded_entries", "seal_keys", "seal_site", "search_gone", "search_postings", "search_segments", "search_words", "survey_counts", "surveys", "term_names", "translations"}
