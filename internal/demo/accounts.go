package demo

import (
	"crypto/rand"
	"fmt"

	"plenary/internal/auth"
	"plenary/internal/i18n"
)

// Account is someone who can sign in to the demo site.
type Account struct {
	Role     string `json:"role"`
	Email    string `json:"email"`
	Password string `json:"password"`
	Name     string `json:"name"`
	Scope    string `json:"scope"` // what the role is limited to, in words; "" for the whole site

	id string
}

// password is four groups of four signs that are not mistaken for one another, 80 random bits.
func password() string {
	const signs = "023456789abcdefghjkmnpqrstuvwxyz"
	var b [16]byte
	rand.Read(b[:])
	out := ""
	for i, c := range b {
		if i > 0 && i%4 == 0 {
			out += "-"
		}
		out += string(signs[c&31])
	}
	return out
}

// grant is a role within a scope; the entry it is limited to is given by its name.
type grant struct {
	role  auth.Role
	scope auth.ScopeKind
	entry string
	l     i18n.Locale
}

func wholeSite(r auth.Role) []grant { return []grant{{role: r, scope: auth.ScopeSite}} }

// workers are the accounts; scope is what the grants are limited to, in words.
var workers = []struct {
	email, name, office, scope string
	locale                     i18n.Locale
	grants                     []grant
}{
	{"admin", "Malai Sornchai", "rcpg", "", i18n.EN, wholeSite(auth.Admin)},
	{"manager", "Hendrik Aalto-Mwangi", "rcpg", "", i18n.EN, wholeSite(auth.SiteManager)},
	{"editor", "Salome Brightwater", "rcpg", "", i18n.EN, wholeSite(auth.Editor)},
	{"contributor", "Teo Marangoni-Ly", "rcpg", "", i18n.EN, wholeSite(auth.Contributor)},
	{"translator-fr", "Odile Kervaden", "rcpg", "French texts", i18n.FR, []grant{{auth.Translator, auth.ScopeSite, "", i18n.FR}}},
	{"translator-ar", "Nadim Al-Harithy", "rcpg", "Arabic texts", i18n.AR, []grant{{auth.Translator, auth.ScopeSite, "", i18n.AR}}},
	{"clearing", "Ulugbek Tashmatov", "rcpg", "", i18n.EN, wholeSite(auth.ClearingOfficer)},
	{"assistant", "Kanyarat Thammawilai", "tau", "the Symposium", i18n.EN, []grant{{auth.EventAssistant, auth.ScopeEvent, "event/public-service-symposium", ""}}},
	{"observer", "Paloma Eskandar", "rcpg", "", i18n.EN, wholeSite(auth.Observer)},
	{"partner-salan", "Citra Ayu Windarti", "salan", "SALAN; words of Opening the Register", i18n.EN, []grant{
		{auth.PartnerEditor, auth.ScopeOrganisation, "organization/salan", ""}, {auth.PartnerEditor, auth.ScopeEvent, "event/opening-the-register", ""}}},
	{"partner-midf", "Vannak Sok-Leng", "midf", "MIDF; words of Opening the Register", i18n.EN, []grant{
		{auth.PartnerEditor, auth.ScopeOrganisation, "organization/midf", ""}, {auth.PartnerEditor, auth.ScopeEvent, "event/opening-the-register", ""}}},
}

// accounts makes the accounts. What they may do comes with grant, when there is something they may do it to.
func (f *filler) accounts() {
	for _, w := range workers {
		if f.err != nil {
			return
		}
		a := Account{Role: string(w.grants[0].role), Email: w.email + "@example.org", Password: password(), Name: w.name, Scope: w.scope}
		made, err := f.site.Auth.Create(f.ctx, demo, auth.NewAccount{Email: a.Email, Name: a.Name, Password: a.Password, Locale: w.locale, Organization: f.ids["organization/"+w.office]})
		if err != nil {
			f.fail(fmt.Errorf("account %s: %w", a.Email, err))
			return
		}
		a.id = made.ID
		f.staff = append(f.staff, a)
	}
}

func (f *filler) grant() {
	for i, w := range workers {
		for _, g := range w.grants {
			if f.err != nil {
				return
			}
			_, err := f.site.Auth.AddGrant(f.ctx, demo, auth.Grant{AccountID: f.staff[i].id, Role: g.role, Scope: g.scope, ScopeID: f.ids[g.entry], Locale: g.l})
			if err != nil {
				f.fail(fmt.Errorf("grant of %s: %w", w.email, err))
			}
		}
	}
}

// account gives the id of an account.
func (f *filler) account(email string) string {
	for _, a := range f.staff {
		if a.Email == email+"@example.org" {
			return a.id
		}
	}
	f.fail(fmt.Errorf("no account %s", email))
	return ""
}

// as gives someone who can sign in as the one who acts: drafts belong to whoever wrote them.
func (f *filler) as(email string) *auth.Actor {
	who, err := f.site.Auth.ActorOf(f.ctx, f.account(email))
	f.fail(err)
	return who
}
