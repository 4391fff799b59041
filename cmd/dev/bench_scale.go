package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"plenary/internal/app"
	"plenary/internal/auth"
	"plenary/internal/content"
	"plenary/internal/i18n"
	"plenary/internal/kind"
)

// How many published entries the two sites have whose speed is compared.
const (
	few  = 1_000
	many = 100_000
)

// scaleSite is a site with a number of entries, in a folder of its own.
type scaleSite struct {
	dir, home, list, event, article, feed string
	email, password                       string
	drafts                                []draft
}

// draft is a news item that is ready to be published and, by its date, will be the first of its list.
type draft struct{ id, path string }

// scale gives the site with n entries, made once in a run. Of the newest news items it keeps a few back as drafts.
func (b *benchRun) scale(ctx context.Context, n int) (*scaleSite, error) {
	if s := b.scaled[n]; s != nil {
		return s, nil
	}
	s := &scaleSite{dir: filepath.Join(b.servers.dir, "scale-"+strconv.Itoa(n)), home: "/en/", list: "/en/news", feed: "/en/news.atom", email: "bench@example.org", password: "bench " + content.NewID()}
	if err := os.RemoveAll(s.dir); err != nil { // of a try that failed
		return nil, err
	}
	a, err := openScale(ctx, s.dir)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	begin := time.Now()
	if err := newSeeder(a.Content).seed(ctx, n); err != nil {
		return nil, err
	}
	if n == many {
		b.add(figure{name: "filling: published entries", value: float64(n) / time.Since(begin).Seconds(), unit: "a second", floor: 200, goal: 600,
			note: fmt.Sprintf("%d in %.0f s", n, time.Since(begin).Seconds())})
	}
	account, err := a.Auth.Create(ctx, seeding, auth.NewAccount{Email: s.email, Name: "Bench", Password: s.password, Locale: i18n.EN})
	if err != nil {
		return nil, err
	}
	if _, err := a.Auth.AddGrant(ctx, seeding, auth.Grant{AccountID: account.ID, Role: "admin", Scope: auth.ScopeSite}); err != nil {
		return nil, err
	}
	for i := range 30 {
		title := fmt.Sprintf("Draft %d of the bench", i)
		id, err := saveNews(ctx, a.Content, title, time.Now().AddDate(0, 0, 1+i))
		if err != nil {
			return nil, err
		}
		s.drafts = append(s.drafts, draft{id, fmt.Sprintf("news/%d/%s", time.Now().AddDate(0, 0, 1+i).Year(), content.Slug(title))})
	}
	for kindName, path := range map[string]*string{"news": &s.article, "event": &s.event} {
		q := content.Query{Locale: i18n.EN, Kinds: []string{kindName}, Limit: 1}
		list, _, err := a.Content.Published(ctx, q)
		if err != nil || len(list) == 0 {
			return nil, errors.Join(err, errors.New("nothing of kind "+kindName))
		}
		*path = "/en/" + list[0].Path
	}
	if b.scaled == nil {
		b.scaled = map[int]*scaleSite{}
	}
	b.scaled[n] = s
	return s, nil
}

// openScale opens the program, not serving, on the database in a folder.
func openScale(ctx context.Context, dir string) (*app.App, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return app.Open(ctx, app.Config{Listen: "127.0.0.1:0", Database: "sqlite:" + filepath.Join(dir, "plenary.db"), Storage: "file:" + filepath.Join(dir, "uploads"),
		MaxFile: 20, Log: "error"})
}

func saveNews(ctx context.Context, store *content.Store, title string, date time.Time) (string, error) {
	w := writer{rand.New(rand.NewPCG(3, uint64(len(title)))), []i18n.Locale{i18n.EN}}
	saved, err := store.Save(ctx, seeding, content.Change{Kind: kind.NewsKind, Original: i18n.EN, Set: kind.NewsKind.Split(&kind.News{Title: content.L("en", title),
		Summary: w.sentence(20), Kind: "news", Date: content.Date(date.Format(time.DateOnly)), Body: w.prose(300)})})
	if err != nil {
		return "", err
	}
	return saved.ID, nil
}

// measureGrowth compares what a page costs, when it has to be made, on a big and a small site.
func (b *benchRun) measureGrowth(ctx context.Context) error {
	var sites [2]*scaleSite
	var servers [2]*demoSite
	for i, n := range []int{few, many} {
		var err error
		if sites[i], err = b.scale(ctx, n); err != nil {
			return err
		}
		if servers[i], err = b.servers.serve(ctx, b.binary, sites[i].dir, "/en/", "PLENARY_KEEP=0"); err != nil {
			return err
		}
		defer servers[i].process.end(5 * time.Second)
	}
	for _, p := range []struct {
		name string
		path func(s *scaleSite) string
	}{
		{"home", func(s *scaleSite) string { return s.home }},
		{"article", func(s *scaleSite) string { return s.article }},
		{"event", func(s *scaleSite) string { return s.event }},
		{"list", func(s *scaleSite) string { return s.list }},
		{"feed", func(s *scaleSite) string { return s.feed }},
	} {
		var targets []target
		for i, s := range sites {
			targets = append(targets, target{url: servers[i].url + p.path(s), pid: servers[i].process.cmd.Process.Pid, headers: []string{"Accept-Encoding: gzip"}})
		}
		runs, err := b.inTurn(ctx, 8, http.StatusOK, targets...)
		if err != nil {
			return err
		}
		var ratio []float64
		for round := range runs[0] {
			ratio = append(ratio, runs[1][round].cpu/runs[0][round].cpu)
		}
		r := spreadOf(ratio)
		b.add(figure{name: "growth " + thousands(few) + " to " + thousands(many) + ", CPU: " + p.name, value: r.median, unit: "×", floor: 1.5, goal: 1.15, atMost: true,
			note: fmt.Sprintf("%.2f–%.2f; %.2f and %.2f ms", r.min, r.max, medianCPU(runs[0])/1000, medianCPU(runs[1])/1000)})
	}
	return nil
}

func thousands(n int) string { return strconv.Itoa(n/1000) + "k" }

// measureBig looks at a big site: how soon it is there, what memory it takes, how soon the panel lists it.
func (b *benchRun) measureBig(ctx context.Context) error {
	site, err := b.scale(ctx, many)
	if err != nil {
		return err
	}
	var times []float64
	var s *demoSite
	for i := range 5 {
		if s, err = b.servers.serve(ctx, b.binary, site.dir, site.event); err != nil {
			return err
		}
		times = append(times, float64(s.start.Microseconds())/1000)
		if i < 4 {
			s.process.end(5 * time.Second)
		}
	}
	defer s.process.end(5 * time.Second)
	t := spreadOf(times)
	b.add(figure{name: "start to first page, " + thousands(many), value: t.median, unit: "ms", floor: 1000, goal: 200, atMost: true, note: fmt.Sprintf("%.0f–%.0f", t.min, t.max)})
	if err := sleep(ctx, 3*time.Second); err != nil {
		return err
	}
	pid := s.process.cmd.Process.Pid
	rest, err := residentBytes(pid)
	if err != nil {
		return err
	}
	b.add(figure{name: "memory at rest, " + thousands(many), value: mib(rest), unit: "MiB", floor: 120, goal: 60, atMost: true})

	editor, err := signIn(ctx, s.url, site.email, site.password)
	if err != nil {
		return err
	}
	for _, p := range []struct{ name, path string }{{"one kind", "/admin/news?q="}, {"all kinds", "/admin/entries?q="}, {"by title", "/admin/news?sort=title"}, {"a word", "/admin/news?q=climate"}} {
		var took []float64
		before, err := cpuTime(pid)
		if err != nil {
			return err
		}
		const times = 20
		for range times {
			begin := time.Now()
			body, err := editor.get(ctx, s.url+p.path)
			if err != nil {
				return err
			}
			took = append(took, float64(time.Since(begin).Microseconds())/1000)
			if n := strings.Count(body, `name="id"`); n != 25 {
				return fmt.Errorf("%s shows %d rows, not 25", p.path, n)
			}
		}
		after, err := cpuTime(pid)
		if err != nil {
			return err
		}
		t := spreadOf(took)
		b.add(figure{name: "panel's list of 25, " + thousands(many) + ": " + p.name, value: t.median, unit: "ms", floor: 500, goal: 100, atMost: true,
			note: fmt.Sprintf("%.0f–%.0f; CPU %.1f ms", t.min, t.max, float64((after-before).Microseconds())/1000/times)})
	}

	paths, err := sitemapPaths(ctx, s.url)
	if err != nil {
		return err
	}
	if len(paths) < many {
		return fmt.Errorf("the sitemap has only %d addresses", len(paths))
	}
	all := len(paths)
	rand.New(rand.NewPCG(5, 5)).Shuffle(all, func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	paths = append(paths[:20_000], site.home, site.list, site.feed, "/en/events", "/en/events.ics", "/en/events?when=past", "/fr/")
	most, asked, err := memoryUnderLoad(ctx, s, paths, 15*time.Second)
	if err != nil {
		return err
	}
	b.add(figure{name: "memory under load, " + thousands(many), value: mib(most), unit: "MiB", floor: 400, goal: 200, atMost: true,
		note: fmt.Sprintf("%d of %d pages asked for %d times by 64 at once", len(paths), all, asked)})
	return nil
}

// measurePublish is how long it takes from pressing the button to seeing an entry everywhere: its own page, the list, the
// feed and the sitemap, all of which were kept before.
func (b *benchRun) measurePublish(ctx context.Context) error {
	site, err := b.scale(ctx, many)
	if err != nil {
		return err
	}
	s, err := b.servers.serve(ctx, b.binary, site.dir, site.list)
	if err != nil {
		return err
	}
	defer s.process.end(5 * time.Second)
	editor, err := signIn(ctx, s.url, site.email, site.password)
	if err != nil {
		return err
	}
	pid := s.process.cmd.Process.Pid
	before, err := cpuTime(pid)
	if err != nil {
		return err
	}
	var took []float64
	places := map[string][]float64{}
	for _, d := range site.drafts {
		page := "/en/" + d.path
		seen := func() (bool, error) {
			for _, path := range []string{page, site.list, site.feed} {
				begin := time.Now()
				a, err := get(ctx, s.url+path, "Accept-Encoding: identity")
				if err != nil {
					return false, err
				}
				if a.status != http.StatusOK || !strings.Contains(string(a.body), page) {
					return false, nil
				}
				if path == page {
					path = "page"
				}
				places[path] = append(places[path], time.Since(begin).Seconds()*1000)
			}
			last, err := lastSitemap(ctx, s.url, "news")
			if err != nil {
				return false, err
			}
			begin := time.Now()
			a, err := get(ctx, s.url+last, "Accept-Encoding: identity")
			places["sitemap"] = append(places["sitemap"], time.Since(begin).Seconds()*1000)
			return err == nil && strings.Contains(string(a.body), page+"<"), err
		}
		if ok, err := seen(); err != nil || ok {
			return errors.Join(err, fmt.Errorf("%s is visible before it is published: %v", page, ok))
		}
		begin := time.Now()
		if err := editor.post(ctx, s.url+"/admin/news", url.Values{"op": {"publish"}, "id": {d.id}, "back": {"/admin/news?q="}}); err != nil {
			return err
		}
		places["button"] = append(places["button"], time.Since(begin).Seconds()*1000)
		for {
			ok, err := seen()
			if err != nil {
				return err
			}
			if ok {
				break
			}
			if time.Since(begin) > 20*time.Second {
				return fmt.Errorf("%s was published and is not visible everywhere after 20 s", page)
			}
		}
		took = append(took, time.Since(begin).Seconds()*1000)
	}
	after, err := cpuTime(pid)
	if err != nil {
		return err
	}
	slices.Sort(took)
	middle := func(place string) float64 { return spreadOf(places[place]).median }
	b.add(figure{name: "publish to visible everywhere, p95, " + thousands(many), value: took[len(took)*95/100], unit: "ms", floor: 1000, goal: 100, atMost: true,
		note: fmt.Sprintf("%.0f–%.0f; medians: all %.0f, the button %.0f, page %.0f, list %.0f, feed %.0f, sitemap %.0f; CPU %.0f ms", took[0], took[len(took)-1], took[len(took)/2],
			middle("button"), middle("page"), middle(site.list), middle(site.feed), middle("sitemap"), float64((after-before).Microseconds())/1000/float64(len(took)))})
	return nil
}

// lastSitemap is the address of the last sitemap of a section: what is new is there.
func lastSitemap(ctx context.Context, base, section string) (string, error) {
	a, err := get(ctx, base+"/sitemap.xml")
	if err != nil {
		return "", err
	}
	last := ""
	for _, m := range sitemapLoc.FindAllSubmatch(a.body, -1) {
		u, err := url.Parse(string(m[1]))
		if err != nil {
			return "", err
		}
		if strings.HasPrefix(u.Path, "/sitemaps/"+section+"-") {
			last = u.Path
		}
	}
	if last == "" {
		return "", fmt.Errorf("no sitemap of %s", section)
	}
	return last, nil
}

// measureSave saves new entries one after the other, each on disk with its revision and its line of the log, in the big
// site's database.
func (b *benchRun) measureSave(ctx context.Context) error {
	site, err := b.scale(ctx, many)
	if err != nil {
		return err
	}
	a, err := openScale(ctx, site.dir)
	if err != nil {
		return err
	}
	defer a.Close()
	var rates []float64
	for round := range b.rounds {
		n, begin := 0, time.Now()
		for ; time.Since(begin) < 2*time.Second; n++ {
			if _, err := saveNews(ctx, a.Content, fmt.Sprintf("Saved %d in round %d", n, round), begin); err != nil {
				return err
			}
		}
		rates = append(rates, float64(n)/time.Since(begin).Seconds())
	}
	r := spreadOf(rates)
	b.add(figure{name: "saving: entries, " + thousands(many), value: r.median, unit: "a second", floor: 200, goal: 500, note: fmt.Sprintf("%.0f–%.0f; one writer, each on disk", r.min, r.max)})
	return nil
}

// editor is a browser that is signed in to the panel.
type editor struct{ client *http.Client }

func signIn(ctx context.Context, base, email, password string) (*editor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	e := &editor{&http.Client{Jar: jar, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	if _, err := e.get(ctx, base+"/admin/sign-in"); err != nil {
		return nil, err
	}
	if err := e.post(ctx, base+"/admin/sign-in", url.Values{"email": {email}, "password": {password}}); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *editor) get(ctx context.Context, address string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	return e.do(req, http.StatusOK)
}

// post sends a form; what was done answers by leading elsewhere.
func (e *editor) post(ctx context.Context, address string, form url.Values) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
	_, err = e.do(req, http.StatusSeeOther)
	return err
}

func (e *editor) do(req *http.Request, want int) (string, error) {
	res, err := e.client.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != want {
		err = fmt.Errorf("%s %s answered %s", req.Method, req.URL.Path, res.Status)
	}
	return string(body), err
}
