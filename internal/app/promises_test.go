package app_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// notHere are the hostile cases that have no test, because there is nothing here that they could be about.
var notHere = map[int]string{
	8:  "there are no API tokens",
	35: "there are no webhooks",
}

func tour(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// section is what stands under a heading, up to the next.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, after, ok := strings.Cut(text, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("ARCHITECTURE.md has no heading %q", heading)
	}
	body, _, _ := strings.Cut(after, "\n## ")
	return body
}

// Each hostile case from P1 to P56 names its tests, and each test that is named is there, in a package that is named with it.
func TestEveryPromiseNamesItsTest(t *testing.T) {
	there := map[string][]string{} // test → packages
	if err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`).FindAllSubmatch(b, -1) {
			there[string(m[1])] = append(there[string(m[1])], filepath.Base(filepath.Dir(path)))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	named, tests := map[int]bool{}, regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
	groups := regexp.MustCompile("((?:`(?:Test|Fuzz)\\w+`(?:, )?)+) \\(([a-z, ]+)\\)")
	for _, row := range strings.Split(section(t, tour(t), "What is promised, and the tests of it"), "\n") {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		if !strings.HasPrefix(row, "| ") || len(cells) < 2 {
			continue
		}
		found := tests.FindAllStringSubmatch(row, -1)
		for _, c := range strings.Split(cells[0], ", ") {
			if n, err := strconv.Atoi(strings.TrimPrefix(c, "P")); err == nil {
				named[n] = true
				if len(found) == 0 {
					t.Errorf("P%d has no test", n)
				}
			}
		}
		in := 0
		for _, g := range groups.FindAllStringSubmatch(row, -1) {
			packages := strings.Split(g[2], ", ")
			for _, name := range tests.FindAllStringSubmatch(g[1], -1) {
				in++
				if !slices.ContainsFunc(there[name[1]], func(p string) bool { return slices.Contains(packages, p) }) {
					t.Errorf("%s is not in %s, but in %v", name[1], g[2], there[name[1]])
				}
			}
		}
		if in != len(found) {
			t.Errorf("a test without its package in: %s", row)
		}
	}
	for n := 1; n <= 56; n++ {
		switch why := notHere[n]; {
		case !named[n] && why == "":
			t.Errorf("P%d is not in the table", n)
		}
	}
}

// Each module we chose stands in the table with its reason, there are few, and what is not used any more is not there.
func TestEveryModuleHasItsReason(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	direct := map[string]bool{}
	for _, line := range strings.Split(string(mod), "\n") {
		f := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(f) == 2 && strings.HasPrefix(f[1], "v") {
			direct[f[0]] = true
		}
	}
	// Thirty in all is what is asked of us. The program keeps to it; with what its tests alone use there are four more, and no fifth.
	if all, n := len(direct), len(linked(t, direct)); n < 20 || n > 30 || all > 34 {
		t.Errorf("%d direct modules, %d of the program", all, n)
	}
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (.{20,}) \\|$").FindAllStringSubmatch(section(t, tour(t), "What we did not write"), -1)
	for _, r := range rows {
		if !direct[r[1]] {
			t.Errorf("%s is in the table and not in go.mod", r[1])
		}
		delete(direct, r[1])
	}
	for m := range direct {
		t.Errorf("%s has no reason", m)
	}
}

// linked are those of the modules that the program itself uses, and not its tests alone.
func linked(t *testing.T, modules map[string]bool) map[string]bool {
	used := map[string]bool{}
	for _, root := range []string{"..", "../../cmd/plenary"} {
		if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "../apptest/") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			for _, i := range f.Imports {
				p, _ := strconv.Unquote(i.Path.Value)
				for m := range modules {
					if p == m || strings.HasPrefix(p, m+"/") {
						used[m] = true
					}
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	return used
}

// dialers are the files that may open connections to elsewhere: to what the operator has named in the configuration. Nothing else
// does, so that nothing typed into a form, a file or a page makes the program call anywhere.
var dialers = map[string]string{
	"mail/smtp.go":           "the mail server",
	"directory/directory.go": "the office's directory",
	"media/s3.go":            "the S3 server",
}

func TestNothingElseDialsOut(t *testing.T) {
	forbidden := map[string][]string{
		"net/http": {"Get", "Post", "Head", "PostForm", "Client", "DefaultClient", "NewRequest", "NewRequestWithContext", "DefaultTransport", "Transport"},
		"net":      {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "DialUnix", "Dialer", "Resolver", "DefaultResolver", "LookupHost", "LookupIP", "LookupAddr", "LookupMX", "LookupTXT", "LookupCNAME", "LookupNS", "LookupSRV"},
		// Programs, and calls around the packages above.
		"crypto/tls": {"Dial", "DialWithDialer", "Dialer", "Client"}, "os/exec": {"Command", "CommandContext"}, "net/rpc": {"Dial", "DialHTTP"}, "net/smtp": {"Dial", "SendMail"},
		"syscall": {"Connect", "Socket", "ForkExec", "StartProcess"}, "os": {"StartProcess"},
	}
	used, files := map[string]bool{}, 0
	for _, root := range []string{"..", "../../cmd/plenary"} {
		if err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "../apptest/") {
				return err
			}
			files++
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				return err
			}
			names := map[string][]string{}
			for _, i := range f.Imports {
				p, _ := strconv.Unquote(i.Path.Value)
				name := filepath.Base(p)
				if i.Name != nil {
					name = i.Name.Name
				}
				if forbidden[p] != nil {
					names[name] = forbidden[p]
					if name == "." || name == "_" {
						t.Errorf("%s imports %s in a way that hides what it calls", path, p)
					}
				}
			}
			file := strings.TrimPrefix(path, "../")
			ast.Inspect(f, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := s.X.(*ast.Ident); ok && x.Obj == nil && slices.Contains(names[x.Name], s.Sel.Name) {
					if dialers[file] == "" {
						t.Errorf("%s: %s.%s: nothing but %v opens connections", set.Position(s.Pos()), x.Name, s.Sel.Name, dialers)
					}
					used[file] = true
				}
				return true
			})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if files < 200 {
		t.Errorf("only %d files looked at", files)
	}
	for file, what := range dialers {
		if !used[file] {
			t.Error(fmt.Sprintf("%s does not dial %s any more", file, what))
		}
	}
}
