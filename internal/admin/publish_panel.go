package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"

	"github.com/gin-gonic/gin"
)

// panel is what stands beside the form: how far each language is, what keeps it from being published, and the one
// button that says what it does.
type panel struct {
	*entryForm
	Primary    string // words of the main button
	MaySave    bool
	MayPublish bool
	Why        string // why there is no button to publish
	Live       bool
	LiveURL    string
	Changes    int
	Languages  []panelLanguage
	Facts      panelFacts
	Links      []problemLink
	Blocking   int
	MayDelete  bool
	MayRestore bool
	MayShare   bool
	Deleted    bool
	Owner      string
	Slug       string
	MaySlug    bool
	Saved      string
	Author     string
	Actions    []Link // further things to do with the entry
	Happens    []Link // what may happen to the event
	Checklist  []*checklistLine
	ListURL    string // of the whole checklist, "" if there is none
	Clearing   *clearingPanel
	Writing    *writingCard
	PartURL    string // where partners bring in their own, "" for who may not or need not
	SuggestURL string // where something is suggested, "" for who may not or need not
	Suggested  string // where suggestions are listed, "" where the reader has nothing there
	Waiting    int    // suggestions that the reader may decide on
}

type panelLanguage struct {
	Lang                  i18n.Locale
	Name                  string
	URL, UnpublishURL     string
	TranslateURL          string // beside its source
	State                 content.State
	Missing, Stale        int
	Here, Original        bool
	Chosen, May, HasWords bool
	Changes               int
	Live                  bool
}

type panelFacts struct {
	May, Chosen bool
	Changes     int
}

// panel makes the side panel from the stored entry; the problems are those of the languages that are public or would
// be by publishing this one.
func (a *Admin) panel(ctx context.Context, f *entryForm) (*panel, []content.Problem, error) {
	e, who := f.Entry, f.who
	p := &panel{entryForm: f, MaySave: (f.MayFacts || f.MayWords) && !f.suggests, Live: e.Path != "", Deleted: e.Deleted != nil}
	p.Saved = f.T("form.saved_at", "Time", i18n.Clock(f.Locale, e.Updated.In(content.Zone(f.zone))))
	if now := f.today; now.Sub(e.Updated) > 12*time.Hour {
		p.Saved = f.T("form.saved_on", "Date", i18n.Date(f.Locale, e.Updated.In(content.Zone(f.zone))))
	}
	if p.Live {
		p.LiveURL = "/" + string(f.Lang) + "/" + e.Path
	}
	mayFacts := who.Can(auth.Publish, e.Object())
	mayHere := who.Can(auth.Publish, e.TextObject(f.Lang))
	together := a.settings.Site().Together
	var chosen []i18n.Locale
	for _, l := range i18n.All {
		state, words := e.Languages[l]
		here := l == f.Lang
		if !words && !here && !slices.Contains(a.settings.Site().Languages, l) {
			continue
		}
		x := panelLanguage{Lang: l, Name: i18n.LanguageName(f.Locale, string(l)), URL: entryURL(f.Kind, e.ID, l), State: state.State, Missing: state.Missing, Stale: state.Stale,
			Here: here, Original: l == e.Original, HasWords: words, Live: e.Live[content.Part(l)] > 0, May: who.Can(auth.Publish, e.TextObject(l))}
		if x.Live {
			x.UnpublishURL = entryURL(f.Kind, e.ID, "") + "/unpublish?lang=" + string(l)
			diff, err := a.content.Unpublished(ctx, e, content.Part(l))
			if err != nil {
				return nil, nil, err
			}
			x.Changes = len(diff)
		}
		if l != e.Original && !p.Deleted {
			x.TranslateURL = translateURL(e, l)
		}
		x.Chosen = x.May && (here || !p.Live && l == e.Original || words && slices.Contains(together, l) && slices.Contains(together, f.Lang))
		if posted := f.Values["publish:lang"]; len(posted) > 0 {
			x.Chosen = x.May && slices.Contains(posted, string(l))
		}
		if x.Live || x.Chosen || here {
			chosen = append(chosen, l)
		}
		if here {
			p.Changes += x.Changes
		}
		p.Languages = append(p.Languages, x)
	}
	p.Facts.May = mayFacts
	p.Facts.Chosen = mayFacts && (!p.Live || f.Lang == e.Original)
	if len(f.Values["publish:lang"]) > 0 {
		p.Facts.Chosen = f.Values.Get("publish:facts") != "" && mayFacts
	}
	if p.Live {
		diff, err := a.content.Unpublished(ctx, e, content.Facts)
		if err != nil {
			return nil, nil, err
		}
		p.Facts.Changes = len(diff)
		p.Changes += len(diff)
	}
	if !slices.Contains(chosen, e.Original) {
		chosen = append(chosen, e.Original)
	}
	check := a.content.CheckPublish(e, chosen)
	card, stops, err := a.writingBeside(ctx, f, chosen)
	if err != nil {
		return nil, nil, err
	}
	broken, err := a.content.BrokenLinks(ctx, e, chosen)
	if err != nil {
		return nil, nil, err
	}
	crowded, err := a.crowded(ctx, e)
	if err != nil {
		return nil, nil, err
	}
	p.Writing, check = card, slices.Concat(check, stops, broken, crowded)
	p.Links = f.links(check, f.Base())
	for _, x := range check {
		if x.Blocks {
			p.Blocking++
		}
	}
	p.MayPublish = !p.Deleted && !f.suggests && mayHere && (p.Live || mayFacts && who.Can(auth.Publish, e.TextObject(e.Original)))
	switch {
	case p.Deleted:
		p.Why = f.T("form.in_trash")
	case !p.MaySave && !p.MayPublish:
		p.Why = f.T("form.read_only")
	case !p.MayPublish:
		p.Why = f.T("form.no_publish")
	}
	switch {
	case !p.Live:
		p.Primary = f.T("form.publish")
	case e.Live[content.Part(f.Lang)] == 0:
		p.Primary = f.T("form.publish_language", "Language", i18n.LanguageName(f.Locale, string(f.Lang)))
	default:
		p.Primary = f.T("form.publish_changes")
	}
	p.MayDelete = !p.Deleted && who.Can(auth.Delete, e.Object()) && (!p.Live || mayFacts)
	p.MayShare = !p.Deleted && who.Can(auth.Share, e.Object())
	p.MayRestore = p.Deleted && who.Can(auth.Delete, e.Object())
	p.Slug, p.MaySlug = f.Values.Get("slug"), f.MayFacts && !f.suggests
	if maySuggest(who, e, f.Lang) {
		p.SuggestURL = suggestURL(e, f.Lang)
	}
	if mayPart(who, e) {
		p.PartURL = partURL(e)
	}
	if p.Suggested, p.Waiting, err = a.waitingSuggestions(ctx, who, e); err != nil {
		return nil, nil, err
	}
	if p.Clearing, err = a.clearing(ctx, f); err != nil {
		return nil, nil, err
	}
	names, err := a.accountNames(ctx, f.tongue, []string{e.UpdatedBy})
	if err != nil {
		return nil, nil, err
	}
	p.Author = names[e.UpdatedBy]
	if p.Actions, err = a.actionsOn(ctx, who, e, f.tongue); err != nil {
		return nil, nil, err
	}
	if e.Deleted == nil {
		if p.Happens, err = a.happenings(ctx, who, e, f.tongue); err != nil {
			return nil, nil, err
		}
		lines, phase, err := a.checklist(ctx, f, e)
		if err != nil {
			return nil, nil, err
		}
		if p.Checklist = waiting(lines); phase != "" {
			p.ListURL = checklistURL(e)
		}
	}
	if e.Office != "" {
		labels, err := a.content.Labels(ctx, f.Locale, []string{e.Office})
		if err != nil {
			return nil, nil, err
		}
		p.Owner = labels[e.Office]
	}
	return p, check, nil
}

// Choosable are the languages that publishing can be asked for.
func (p *panel) Choosable() []panelLanguage {
	var out []panelLanguage
	for _, l := range p.Languages {
		if l.May && (l.HasWords || l.Here) {
			out = append(out, l)
		}
	}
	return out
}

// Dot is the colour of a state; the words stand beside it.
func (t tab) Dot() string { return dot(t.State) }

// Dot is the colour of a state; the words stand beside it.
func (l panelLanguage) Dot() string { return dot(l.State) }

func dot(s content.State) string {
	switch s {
	case content.StatePublished:
		return "ok"
	case content.StateOutOfDate, content.StateChanged:
		return "warn"
	case content.StateDraft:
		return "rev"
	}
	return "none"
}

// StateKey is the message of a state.
func StateKey(s content.State) string {
	if s == "" {
		return "state.not_started"
	}
	return "state." + string(s)
}

// Words says a state.
func (f *entryForm) Words(s content.State) string { return f.T(StateKey(s)) }

// publishSaved publishes what has just been stored, as far as it is what the publisher saw.
func (a *Admin) publishSaved(c *gin.Context, f *entryForm, saved *content.Saved) error {
	ctx := c.Request.Context()
	if saved.Merged {
		return a.afterSave(c, f, saved, http.StatusConflict, nil, Notice{"warning", f.T("form.merged_not_published")})
	}
	e, err := a.content.Get(ctx, f.who, saved.ID)
	if err != nil {
		return err
	}
	change := content.PublishChange{ID: saved.ID, Versions: f.readBases()}
	for _, p := range saved.Changed {
		change.Versions[p] = saved.Versions[p]
	}
	if _, told := f.Values["publish:shown"]; told {
		change.Facts = f.Values.Get("publish:facts") != ""
		for _, s := range f.Values["publish:lang"] {
			if l, ok := i18n.Parse(s); ok && !slices.Contains(change.Locales, l) {
				change.Locales = append(change.Locales, l)
			}
		}
	} else {
		change.Facts = f.who.Can(auth.Publish, e.Object())
		change.Locales = []i18n.Locale{f.Lang}
	}
	if len(change.Locales) == 0 && !change.Facts {
		return a.afterSave(c, f, saved, http.StatusUnprocessableEntity, nil, Notice{"error", f.T("form.publish_nothing")})
	}
	err = a.content.Publish(ctx, f.who, change)
	var invalid *content.Invalid
	var moved *content.Conflicted
	switch {
	case errors.As(err, &invalid):
		return a.afterSave(c, f, saved, http.StatusUnprocessableEntity, invalid.Problems, Notice{"error", f.T("form.saved_not_published")})
	case errors.As(err, &moved):
		return a.afterSave(c, f, saved, http.StatusConflict, nil, Notice{"error", f.T("form.moved_not_published")})
	case errors.Is(err, auth.ErrForbidden):
		return a.afterSave(c, f, saved, http.StatusForbidden, nil, Notice{"error", f.T("form.no_publish_saved")})
	case err != nil:
		return err
	}
	return a.saved(c, f, saved, "form.published")
}

// afterSave shows the stored entry with what kept it from being published.
func (a *Admin) afterSave(c *gin.Context, f *entryForm, saved *content.Saved, status int, problems []content.Problem, notice Notice) error {
	e, err := a.content.Get(c.Request.Context(), f.who, saved.ID)
	if err != nil {
		return err
	}
	next := a.filledForm(c, f.who, e, f.Lang)
	for name, vs := range f.Values {
		if name == "publish:facts" || name == "publish:lang" {
			next.Values[name] = vs
		}
	}
	next.complain(problems...)
	return a.showForm(c, next, status, []Notice{notice})
}
