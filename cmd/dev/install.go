package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
)

// Versions of what is not in go.mod or a package-lock.json. Read DEPENDENCIES before moving one.
const (
	versitygw = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
	// Playwright wants Node 20; Debian 12 ships 18. The same program then comes from the npm registry.
	nodeLeast   = 20
	nodeVersion = "22.23.3"
)

// A need is something of the machine that a step uses.
type need string

const (
	needNode     need = "node"
	needBrowser  need = "browser"
	needJava     need = "java"
	needPostgres need = "postgres"
	needS3       need = "s3"
	needGCC      need = "gcc"
	needNginx    need = "nginx"
)

// aptPackages says which packages cover a need, and which program shows that it is covered already. Without a program
// dpkg is asked.
var aptPackages = map[need][]struct{ program, pkg string }{
	needNode: {{"node", "nodejs"}, {"npm", "npm"}},
	needBrowser: {{"chromium-headless-shell", "chromium-headless-shell"}, {"", "fonts-noto-core"}, {"", "fonts-noto-cjk"},
		{"", "fonts-roboto"}},
	needJava:     {{"java", "default-jre-headless"}},
	needPostgres: {{"", "postgresql"}},
	needGCC:      {{"gcc", "gcc"}, {"", "libc6-dev"}},
	needNginx:    {{"", "nginx-light"}, {"wrk", "wrk"}},
}

// installer puts on the machine what is missing, and remembers where things are.
type installer struct {
	root, cache string    // the source tree; where downloads are kept between runs
	out         io.Writer // what is being done
	node        string    // the folder of node and npm, put before PATH; empty when the machine's own will do
}

func newInstaller(root string, out io.Writer) (*installer, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir() // no HOME: a container
	}
	in := &installer{root: root, cache: filepath.Join(base, "plenary-dev"), out: out}
	return in, os.MkdirAll(in.cache, 0o755)
}

// ensure covers all needs: one call of apt for what is missing, then what comes from elsewhere.
func (in *installer) ensure(ctx context.Context, needs []need) error {
	var missing []string
	for _, n := range needs {
		for _, p := range aptPackages[n] {
			if !covered(p.program, p.pkg) && !slices.Contains(missing, p.pkg) {
				missing = append(missing, p.pkg)
			}
		}
	}
	if err := in.apt(ctx, missing); err != nil {
		return err
	}
	if slices.Contains(needs, needNode) {
		if err := in.ensureNode(ctx); err != nil {
			return err
		}
		for _, dir := range []string{"admin", "cmd/dev/browser"} {
			if err := in.npmCI(ctx, filepath.Join(in.root, dir)); err != nil {
				return err
			}
		}
	}
	if slices.Contains(needs, needS3) {
		if err := in.goInstall(ctx, versitygw); err != nil {
			return err
		}
	}
	return nil
}

func covered(program, pkg string) bool {
	if program != "" {
		_, err := exec.LookPath(program)
		return err == nil
	}
	for _, name := range alternatives(pkg) {
		out, err := exec.Command("dpkg-query", "-W", "-f=${Status}", name).Output()
		if err == nil && string(out) == "install ok installed" {
			return true
		}
	}
	return false
}

// alternatives are packages that serve as well.
func alternatives(pkg string) []string {
	if pkg == "nginx-light" {
		return []string{"nginx-light", "nginx-core", "nginx-full", "nginx-extras", "nginx"}
	}
	return []string{pkg}
}

func (in *installer) apt(ctx context.Context, pkgs []string) error {
	if len(pkgs) == 0 {
		return nil
	}
	list := strings.Join(pkgs, " ")
	if _, err := exec.LookPath("apt-get"); err != nil {
		return fmt.Errorf("these Debian packages are missing, and there is no apt-get here: %s", list)
	}
	var prefix []string
	if os.Getuid() != 0 {
		if err := exec.CommandContext(ctx, "sudo", "-n", "true").Run(); err != nil {
			return fmt.Errorf("these packages are missing, and neither root nor sudo without a password is at hand: apt-get install %s", list)
		}
		prefix = []string{"sudo", "-n"}
	}
	fmt.Fprintln(in.out, "installing by apt:", list)
	// RUNLEVEL=1 keeps the packages from starting their services: ours run on their own ports and folders.
	env := []string{"env", "DEBIAN_FRONTEND=noninteractive", "RUNLEVEL=1"}
	opts := []string{"apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=600", "-o", "Acquire::Retries=3"}
	for _, args := range [][]string{{"update"}, append([]string{"install", "--no-install-recommends"}, pkgs...)} {
		all := slices.Concat(prefix, env, opts, args)
		if err := run(commandContext(ctx, in.root, all[0], all[1:]...)); err != nil {
			return err
		}
	}
	return nil
}

// ensureNode finds a Node new enough for Playwright, and fetches one when the machine's own is too old.
func (in *installer) ensureNode(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "node", "--version").Output()
	if err != nil {
		return fmt.Errorf("node --version: %w", err)
	}
	major, _, _ := strings.Cut(strings.TrimPrefix(string(out), "v"), ".")
	if n, _ := strconv.Atoi(major); n >= nodeLeast {
		return nil
	}
	arch := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	if arch == "" {
		return fmt.Errorf("node %s is too old, %d or later is needed", strings.TrimSpace(string(out)), nodeLeast)
	}
	dir := filepath.Join(in.cache, "node-"+nodeVersion)
	in.node = filepath.Join(dir, "node_modules", "node-linux-"+arch, "bin")
	if _, err := os.Stat(filepath.Join(in.node, "node")); err == nil {
		return nil
	}
	fmt.Fprintf(in.out, "node %s is older than %d: fetching %s\n", strings.TrimSpace(string(out)), nodeLeast, nodeVersion)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return run(commandContext(ctx, dir, "npm", "install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts",
		"--prefix", dir, "node-linux-"+arch+"@"+nodeVersion))
}

// npmCI installs a folder's packages as its lock file says, once for each state of the lock file.
func (in *installer) npmCI(ctx context.Context, dir string) error {
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return err
	}
	stamp := filepath.Join(dir, "node_modules", ".plenary-lock")
	if have, err := os.ReadFile(stamp); err == nil && string(have) == string(lock) {
		return nil
	}
	fmt.Fprintln(in.out, "npm ci in", filepath.Base(dir))
	cmd := commandContext(ctx, dir, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	cmd.Env = in.nodeEnv("PUPPETEER_SKIP_DOWNLOAD=1")
	if err := run(cmd); err != nil {
		return err
	}
	return os.WriteFile(stamp, lock, 0o644)
}

// nodeEnv is our environment with the right node first in PATH.
func (in *installer) nodeEnv(more ...string) []string {
	env := append(os.Environ(), more...)
	if in.node != "" {
		env = append(env, "PATH="+in.node+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	return env
}

// nodeProgram is node or npm as found by nodeEnv: a bare name would be looked up in our own PATH.
func (in *installer) nodeProgram(name string) string {
	if in.node != "" && name == "node" {
		return filepath.Join(in.node, "node")
	}
	return name
}

// goInstall builds a program of another module into the cache, under its version.
func (in *installer) goInstall(ctx context.Context, pkg string) error {
	bin := in.goProgram(pkg)
	if _, err := os.Stat(bin); err == nil {
		return nil
	}
	fmt.Fprintln(in.out, "go install", pkg)
	cmd := commandContext(ctx, in.cache, "go", "install", pkg)
	cmd.Env = append(os.Environ(), "GOBIN="+filepath.Dir(bin), "CGO_ENABLED=0")
	return run(cmd)
}

// goProgram is where goInstall puts module/path/name@version.
func (in *installer) goProgram(pkg string) string {
	path, version, _ := strings.Cut(pkg, "@")
	name := filepath.Base(path)
	return filepath.Join(in.cache, name+"-"+version, name)
}

// postgresBin is the folder of the newest PostgreSQL server: Debian keeps it out of PATH.
func postgresBin() (string, error) {
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	version := func(p string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(p))))
		return n
	}
	if len(dirs) > 0 {
		return filepath.Dir(slices.MaxFunc(dirs, func(a, b string) int { return version(a) - version(b) })), nil
	}
	if p, err := exec.LookPath("postgres"); err == nil {
		return filepath.Dir(p), nil
	}
	return "", errors.New("no PostgreSQL server found in /usr/lib/postgresql or PATH")
}
