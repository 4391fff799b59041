package kind

// What lists show of an entry beside its title and summary: paths of facts. Everything else stays in the document,
// which lists never read.

func (*Event) Card() []string {
	return []string{"kind", "scope", "series", "ordinal", "when", "previous", "status", "mode", "access", "working_languages", "image.file", "image.decorative", "join.opens_before",
		"registration.online", "registration.opens", "registration.closes", "registration.url", "registration.mailbox", "registration.form",
		"commitments", "commitments.*.kind", "commitments.*.due", "commitments.*.fulfilled", "commitments.*.fulfilled_by", "commitments.*.waived",
		"commitments.*.internal", "recordings"}
}

func (*News) Card() []string {
	return []string{"kind", "date", "image.file", "image.decorative", "event"}
}

func (*Person) Card() []string {
	return []string{"organization", "country", "portrait.file", "portrait.decorative"}
}

func (*Organization) Card() []string { return []string{"type", "country", "parent"} }

func (*Document) Card() []string {
	return []string{"kind", "symbol", "access", "event", "versions", "versions.*.stage", "versions.*.issued", "versions.*.files", "versions.*.files.*.language",
		"versions.*.files.*.file", "versions.*.files.*.unofficial"}
}

func (*Report) Card() []string {
	return []string{"stage", "event", "date", "comment_until", "image.file", "image.decorative", "files", "files.*.language", "files.*.file"}
}

func (*Series) Card() []string { return []string{"status", "image.file", "image.decorative"} }

func (*Topic) Card() []string { return []string{"scheme", "code", "parent"} }

func (*Page) Card() []string { return []string{"core", "parent"} }
