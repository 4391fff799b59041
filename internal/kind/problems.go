package kind

import (
	"slices"
	"strings"

	"plenary/internal/content"
	"plenary/internal/i18n"
)

// problems gathers what is wrong with an entry. What blocks keeps it from being published; so it must be something that
// would mislead a reader or break a promise, and something that an editor can always put right. The rest is advice.
type problems []content.Problem

func (ps *problems) block(path, key string, args ...any) {
	*ps = append(*ps, content.Problem{Path: path, Blocks: true, Key: key, Args: args})
}

func (ps *problems) advise(path, key string, args ...any) {
	*ps = append(*ps, content.Problem{Path: path, Key: key, Args: args})
}

// words advises on words in the original language.
func (ps *problems) words(path string, l locale, key string) {
	*ps = append(*ps, content.Problem{Path: path, Locale: l, Key: key})
}

// name refuses a name that is made to look like another's.
func (ps *problems) name(path string, name content.Line) {
	for _, l := range i18n.All {
		if i18n.MixesScripts(name.In(l)) {
			*ps = append(*ps, content.Problem{Path: path, Locale: l, Blocks: true, Key: "auth.name_mixed"})
		}
	}
}

func (ps *problems) picture(path string, p Picture, original locale) {
	if p.File != "" && !p.Decorative && p.Alt.In(original) == "" {
		*ps = append(*ps, content.Problem{Path: path + ".alt", Locale: original, Blocks: true, Key: "problem.alt_missing"})
	}
}

func (ps *problems) blocks(blocks []Block, original locale) {
	seen := map[string]bool{}
	for _, b := range blocks {
		path := "blocks." + b.ID
		if seen[b.Kind] && b.Heading.In(original) == "" && b.Kind != "quote" {
			ps.advise(path+".kind", "problem.block_twice")
		}
		seen[b.Kind] = true
		switch {
		case b.Body.In(original) == "" && b.LeadIn.In(original) == "" && len(b.Points) == 0 && len(b.Groups) == 0:
			ps.words(path+".body", original, "problem.block_empty")
		case b.Kind == "custom" && b.Heading.In(original) == "":
			ps.words(path+".heading", original, "problem.heading_missing")
		case b.Kind == "quote" && b.Speaker.In(original) == "":
			ps.words(path+".speaker", original, "problem.quote_speaker_missing")
		}
	}
}

func (ps *problems) organizations(roles []OrganizationRole) {
	seen := map[[2]string]bool{}
	for _, r := range roles {
		key := [2]string{string(r.Organization), r.Role}
		if r.Organization != "" && seen[key] {
			ps.advise("organizations."+r.ID+".organization", "problem.organization_twice")
		}
		seen[key] = true
	}
}

// languages looks at the files of one version.
func (ps *problems) languages(path string, files []LanguageVersion) {
	seen := map[string]bool{}
	original := false
	for _, f := range files {
		if f.Language != "" && seen[f.Language] {
			ps.block(path+"."+f.ID+".language", "problem.language_twice")
		}
		seen[f.Language] = true
		switch {
		case f.Original && f.Unofficial:
			ps.advise(path+"."+f.ID+".unofficial", "problem.original_unofficial")
		case f.Original && original:
			ps.advise(path+"."+f.ID+".original", "problem.original_twice")
		}
		original = original || f.Original
	}
}

// symbol looks for the nature "R." in a symbol, which means restricted distribution.
func (ps *problems) symbol(symbol string, public bool) {
	if !public {
		return
	}
	for part := range strings.SplitSeq(symbol, "/") {
		if strings.HasPrefix(part, "R.") {
			ps.advise("symbol", "problem.symbol_restricted")
			return
		}
	}
}

// comments looks at the window for comments: open says that the text is out for them.
func (ps *problems) comments(open bool, until content.Moment, to string) {
	if open && until.At == "" {
		ps.advise("comment_until", "problem.comment_until_missing")
	}
	if open && to == "" {
		ps.advise("comment_to", "problem.comment_to_missing")
	}
	ps.mailbox("comment_to", to)
}

func (ps *problems) commentsAfter(issued content.Date, until content.Moment) {
	if until.At != "" && issued != "" && string(until.At) < string(issued) {
		ps.advise("comment_until", "problem.comment_until_early")
	}
}

// roleWords are parts of mailboxes that belong to a task or an office and not to one person.
var roleWords = strings.Fields(`accessibility accounts accreditation admin applications assistance bureau centre center comments communications complaints
	conference conferences contact coordination council data department desk director division documents editor editors enquiries event events
	feedback forum help helpdesk inbox info information inquiries inscription inscriptions it legal liaison library mail media meetings network news
	newsletter nominations office partners partnerships postmaster press privacy procurement programme programmes project protocol publications
	register registrar registration registrations registry report reports secretariat section series service services support symposium sysadmin
	team technical training travel treasurer unit visa web webinar webinars webmaster workshop`)

// personal reports whether a mailbox looks like one person's: grace.wanjiru, or the name of its holder in it.
func personal(mailbox, holder string) bool {
	local, _, ok := strings.Cut(i18n.Fold(i18n.EN, mailbox), "@")
	if !ok {
		return false
	}
	notLetter := func(r rune) bool { return r < 'a' || r > 'z' }
	parts := strings.FieldsFunc(local, notLetter)
	if slices.ContainsFunc(parts, func(p string) bool { return slices.Contains(roleWords, p) }) {
		return false
	}
	for _, name := range strings.FieldsFunc(i18n.Fold(i18n.EN, holder), notLetter) {
		if len(name) > 2 && strings.Contains(local, name) {
			return true
		}
	}
	return len(parts) == 2 && strings.ContainsAny(local, "._-")
}

// mailbox advises a role's mailbox: a person's own says more of them than a page needs to, and leaves with them.
func (ps *problems) mailbox(path, mailbox string) {
	if personal(mailbox, "") {
		ps.advise(path, "problem.mailbox_personal")
	}
}

// mailboxes does the same for contacts, once for all of them.
func (ps *problems) mailboxes(path string, contacts []Contact, original locale) {
	seen := map[string]bool{}
	told := false
	for _, c := range contacts {
		at := path + "." + c.ID + ".mailbox"
		holder := ""
		if c.Position.In(original) != "" { // with a position it is a person and not an office
			holder = c.Name.In(original)
		}
		if !told && personal(c.Mailbox, holder) {
			ps.advise(at, "problem.mailbox_personal")
			told = true
		}
		if key := strings.ToLower(c.Mailbox) + "\n" + c.Name.In(original); c.Mailbox != "" && seen[key] {
			ps.advise(at, "problem.contact_twice")
		} else {
			seen[key] = true
		}
	}
}
