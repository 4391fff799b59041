// Package view turns templates into bytes: folders of templates that may be overlaid file by file, a set per page,
// assets under addresses that change with their content. Rendering goes to a buffer first, so that a broken template is
// a clean error and never half a page. Templates are parsed and escaped by html/template; what comes of it is compiled
// (compile.go), since executing it as it is takes several times as long.
package view

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Set holds the templates of one face: templates/layout.html and templates/parts/*.html, common to all, and
// templates/pages/*.html, one set each. A page's name is its file name without .html.
type Set struct {
	fsys  fs.FS
	funcs template.FuncMap
	dev   bool

	pages  map[string]*page
	copies []string // of templates, see escaped

	mu   sync.RWMutex
	used map[string]bool
	slow map[string]error
}

// page is one page's templates, as they were compiled. Those that are asked for by name are compiled once html/template has
// executed them, and so has found that they may stand alone.
type page struct {
	mu    sync.RWMutex
	parts map[string]part
	// tree is kept where html/template has to execute the page; parsed templates take much memory.
	tree *template.Template
}

// part is a template that was compiled, or the reason why not.
type part struct {
	body     *body
	declined error
}

// New finds the pages. A page's templates are parsed, escaped and compiled when it is first rendered, or all at once by
// Compile. With dev they are read anew for each page.
func New(fsys fs.FS, funcs template.FuncMap, dev bool) (*Set, error) {
	s := &Set{fsys: fsys, funcs: funcs, dev: dev, pages: map[string]*page{}, used: map[string]bool{}, slow: map[string]error{}}
	names, err := fs.Glob(fsys, "templates/pages/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		s.pages[strings.TrimSuffix(path.Base(name), ".html")] = &page{parts: map[string]part{}}
	}
	return s, nil
}

// Compile makes all pages ready, so that a broken template is found at start-up: for templates that others may change.
func (s *Set) Compile() error {
	base, err := s.parse()
	if err != nil {
		return err
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for name, p := range s.pages {
		g.Go(func() error {
			t, c, err := s.escaped(base, name)
			if err == nil {
				p.begin(t, c)
			}
			return err
		})
	}
	return g.Wait()
}

// ready compiles a page that was not yet.
func (s *Set) ready(p *page, name string) error {
	if _, known, _ := p.part("layout.html"); known {
		return nil
	}
	base, err := s.parse()
	if err != nil {
		return err
	}
	t, c, err := s.escaped(base, name)
	if err != nil {
		return err
	}
	p.begin(t, c)
	return nil
}

// begin compiles the layout, and keeps the templates if that cannot be.
func (p *page) begin(t *template.Template, c *compiler) {
	p.learn("layout.html", c)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.parts["layout.html"].declined != nil {
		p.tree = t
	}
}

// parse reads what is common to all pages.
func (s *Set) parse() (*template.Template, error) {
	base := template.New("").Funcs(s.funcs).Option("missingkey=error")
	common, err := fs.Glob(s.fsys, "templates/parts/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range append([]string{"templates/layout.html"}, common...) {
		if err := parseFile(base, s.fsys, name); err != nil {
			return nil, err
		}
	}
	return base, nil
}

// page adds the templates of one page to what is common.
func (s *Set) page(base *template.Template, name string) (*template.Template, error) {
	t, err := base.Clone()
	if err != nil {
		return nil, err
	}
	return t, parseFile(t, s.fsys, "templates/pages/"+name+".html")
}

// escaped parses a page, has it escaped, and gives a compiler for it. A template that is called in another context than
// text is copied by html/template, which does not show the copy but takes what already has its name; so a page is begun
// again with the copies that were missing. Those of earlier pages are given at once.
func (s *Set) escaped(base *template.Template, name string) (*template.Template, *compiler, error) {
	for {
		t, err := s.page(base, name)
		if err != nil {
			return nil, nil, err
		}
		s.mu.RLock()
		copies := slices.Clone(s.copies)
		s.mu.RUnlock()
		for _, name := range copies {
			original, _, _ := strings.Cut(name, "$htmltemplate_")
			if o := t.Lookup(original); o != nil && o.Tree != nil {
				if _, err := t.AddParseTree(name, o.Tree.Copy()); err != nil {
					return nil, nil, err
				}
			}
		}
		if err := escape(t); err != nil {
			return nil, nil, fmt.Errorf("template: %w", err)
		}
		c := &compiler{set: t, funcs: s.funcs, bodies: map[string]*body{}}
		_, _ = c.compile("layout.html") // for what it misses
		again := false
		s.mu.Lock()
		for _, name := range c.missing {
			again = again || !slices.Contains(copies, name) // another page may have told of it meanwhile
			if !slices.Contains(s.copies, name) {
				s.copies = append(s.copies, name)
			}
		}
		s.mu.Unlock()
		if !again {
			return t, c, nil
		}
	}
}

func parseFile(t *template.Template, fsys fs.FS, name string) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("template: %w", err)
	}
	if _, err := t.New(path.Base(name)).Parse(string(text)); err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	return nil
}

var runs = sync.Pool{New: func() any { return new(run) }}

// Render executes the layout with a page's templates in it.
func (s *Set) Render(page string, data any) ([]byte, error) {
	return s.Fragment(page, "layout.html", data)
}

// Fragment executes one named template of a page's set: a part of a page, for an answer that is only that part.
func (s *Set) Fragment(name, part string, data any) ([]byte, error) {
	p := s.pages[name]
	if p == nil {
		return nil, fmt.Errorf("template: no page %q", name)
	}
	s.mark(name)
	r := runs.Get().(*run)
	defer runs.Put(r)
	defer r.reset()
	if s.dev {
		base, err := s.parse()
		if err != nil {
			return nil, err
		}
		t, err := s.page(base, name)
		if err != nil {
			return nil, err
		}
		return slowly(t, r, part, data)
	}
	if err := s.ready(p, name); err != nil {
		return nil, err
	}
	b, known, why := p.part(part)
	if b != nil {
		if r.execute(b, data) {
			return bytes.Clone(r.out.Bytes()), nil
		}
		why = errors.New("a value was " + giveUp)
		r.reset()
	}
	t, c, err := s.uncompiled(p, name, known)
	if err != nil {
		return nil, err
	}
	out, err := slowly(t, r, part, data)
	if err == nil && !known {
		p.learn(part, c)
	} else if err == nil {
		s.mu.Lock()
		s.slow[name+" "+part] = why
		s.mu.Unlock()
	}
	return out, err
}

// uncompiled gives a page's templates, parsed again if they were not kept, and keeps them if they will be needed often.
func (s *Set) uncompiled(p *page, name string, keep bool) (*template.Template, *compiler, error) {
	p.mu.RLock()
	t := p.tree
	p.mu.RUnlock()
	if t != nil {
		return t, &compiler{set: t, funcs: s.funcs, bodies: map[string]*body{}}, nil
	}
	base, err := s.parse()
	if err != nil {
		return nil, nil, err
	}
	t, c, err := s.escaped(base, name)
	if err == nil && keep {
		p.mu.Lock()
		p.tree = t
		p.mu.Unlock()
	}
	return t, c, err
}

// slowly has html/template execute a template.
func slowly(t *template.Template, r *run, part string, data any) ([]byte, error) {
	if err := t.ExecuteTemplate(&r.out, part, data); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	return bytes.Clone(r.out.Bytes()), nil
}

// part is a compiled template, if it was compiled, and why not, if that was tried.
func (p *page) part(name string) (b *body, known bool, declined error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	x, known := p.parts[name]
	return x.body, known, x.declined
}

func (p *page) learn(name string, c *compiler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.parts[name]; !known {
		b, err := c.compile(name)
		p.parts[name] = part{b, err}
	}
}

func (s *Set) mark(page string) {
	s.mu.RLock()
	seen := s.used[page]
	s.mu.RUnlock()
	if !seen {
		s.mu.Lock()
		s.used[page] = true
		s.mu.Unlock()
	}
}

// Unused lists the pages that have never been rendered; for the test that every template is executed.
func (s *Set) Unused() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []string
	for name := range s.pages {
		if !s.used[name] {
			out = append(out, name)
		}
	}
	return out
}

// Slow lists what html/template had to execute, and why; for the tests that all of ours runs compiled.
func (s *Set) Slow() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []string
	for what, err := range s.slow {
		out = append(out, what+": "+err.Error())
	}
	return out
}
