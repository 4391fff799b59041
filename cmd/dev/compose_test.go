package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"plenary/internal/app"
)

// composeFile is as much of docker-compose.yml as the tests look at. Unknown keys are an error: a word spelt wrongly
// would otherwise do nothing, unseen.
type composeFile struct {
	Name     string                    `yaml:"name"`
	Services map[string]composeService `yaml:"services"`
	Volumes  map[string]any            `yaml:"volumes"`
}

type composeService struct {
	Image string `yaml:"image"`
	Build struct {
		Context          string `yaml:"context"`
		DockerfileInline string `yaml:"dockerfile_inline"`
	} `yaml:"build"`
	Environment map[string]string `yaml:"environment"`
	Ports       []string          `yaml:"ports"`
	Volumes     []string          `yaml:"volumes"`
	DependsOn   map[string]struct {
		Condition string `yaml:"condition"`
	} `yaml:"depends_on"`
	Healthcheck struct {
		Test     []string `yaml:"test"`
		Interval string   `yaml:"interval"`
		Timeout  string   `yaml:"timeout"`
		Retries  int      `yaml:"retries"`
	} `yaml:"healthcheck"`
	ReadOnly    bool     `yaml:"read_only"`
	Tmpfs       []string `yaml:"tmpfs"`
	CapDrop     []string `yaml:"cap_drop"`
	SecurityOpt []string `yaml:"security_opt"`
	Restart     string   `yaml:"restart"`
}

func readCompose(t *testing.T) (composeFile, string) {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var c composeFile
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c, string(text)
}

func TestComposeSetsOnlyKnownVariables(t *testing.T) {
	c, _ := readCompose(t)
	service := c.Services["app"]
	for name := range service.Environment {
		if !slices.Contains(app.Variables(), name) {
			t.Errorf("app sets %s, which the program does not know", name)
		}
	}
	for _, name := range []string{"PLENARY_LISTEN", "PLENARY_DATABASE", "PLENARY_STORAGE", "PLENARY_BASE_URL"} {
		if service.Environment[name] == "" {
			t.Errorf("app does not set %s", name)
		}
	}
	for _, name := range []string{"postgres", "minio"} {
		if _, ok := c.Services[name]; !ok {
			t.Errorf("no service %s", name)
		}
		if got := service.DependsOn[name].Condition; got != "service_healthy" {
			t.Errorf("app waits for %s by %q", name, got)
		}
	}
}

// The addresses the app is given lead to the services as they are set up there.
func TestComposeServicesFit(t *testing.T) {
	c, _ := readCompose(t)
	app, pg, minio := c.Services["app"].Environment, c.Services["postgres"].Environment, c.Services["minio"].Environment
	if want := "postgres://" + pg["POSTGRES_USER"] + ":" + pg["POSTGRES_PASSWORD"] + "@postgres:5432/" + pg["POSTGRES_DB"]; !strings.HasPrefix(app["PLENARY_DATABASE"], want+"?") {
		t.Errorf("database %s, want %s", app["PLENARY_DATABASE"], want)
	}
	if want := "s3://" + minio["MINIO_ROOT_USER"] + ":" + minio["MINIO_ROOT_PASSWORD"] + "@minio:9000/"; !strings.HasPrefix(app["PLENARY_STORAGE"], want) {
		t.Errorf("storage %s, want %s", app["PLENARY_STORAGE"], want)
	}
	_, port, _ := strings.Cut(app["PLENARY_LISTEN"], ":")
	if !slices.Contains(c.Services["app"].Ports, "127.0.0.1:8080:"+port) {
		t.Errorf("ports %v do not lead to %s", c.Services["app"].Ports, app["PLENARY_LISTEN"])
	}
	// Every folder the build copies is there, and each volume is declared.
	root, _ := moduleRoot()
	copied := regexp.MustCompile(`(?m)^COPY (\w.*) \S+$`).FindAllStringSubmatch(c.Services["app"].Build.DockerfileInline, -1)
	if len(copied) < 5 {
		t.Errorf("the build copies only %v", copied)
	}
	for _, m := range copied {
		for _, name := range strings.Fields(m[1]) {
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				t.Errorf("the build copies %s: %v", name, err)
			}
		}
	}
	for name, s := range c.Services {
		for _, v := range s.Volumes {
			vol, _, _ := strings.Cut(v, ":")
			if _, ok := c.Volumes[vol]; !ok {
				t.Errorf("%s uses the volume %s, which is not declared", name, vol)
			}
		}
	}
}

// The health checks are run against a server that is well, and one that is not.
func TestComposeHealthChecks(t *testing.T) {
	c, _ := readCompose(t)
	for name, address := range map[string]string{"app": "127.0.0.1/8080", "minio": "127.0.0.1/9000"} {
		test := c.Services[name].Healthcheck.Test
		if len(test) != 4 || test[0] != "CMD" || test[1] != "bash" || !strings.Contains(test[3], address) {
			t.Fatalf("%s is checked by %q", name, test)
		}
		path := regexp.MustCompile(`GET (\S+)`).FindStringSubmatch(test[3])[1]
		for _, status := range []int{http.StatusOK, http.StatusServiceUnavailable} {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != path {
					t.Errorf("%s asks for %s", name, r.URL)
				}
				w.WriteHeader(status)
			}))
			script := strings.NewReplacer(address, strings.Replace(server.Listener.Addr().String(), ":", "/", 1), "$$", "$").Replace(test[3])
			err := exec.CommandContext(t.Context(), test[1], test[2], script).Run()
			server.Close()
			if (err == nil) != (status == http.StatusOK) {
				t.Errorf("%s: the check of a server that answers %d gives %v", name, status, err)
			}
		}
	}
}

var (
	exactImage  = regexp.MustCompile(`^[a-z0-9./-]+:(\d+\.\d+(\.\d+)?(-[a-z0-9]+)?|RELEASE\.\S+)$`)
	exactModule = regexp.MustCompile(`go install \S+@v\d+\.\d+\.\d+(-[0-9a-f]+)*\n`)
	fromLine    = regexp.MustCompile(`(?m)^FROM (\S+)`)
	variable    = regexp.MustCompile(`\$\{[^}]*\}`)
)

func TestComposeIsPinnedAndClosed(t *testing.T) {
	c, text := readCompose(t)
	if len(c.Services) != 3 {
		t.Errorf("%d services", len(c.Services))
	}
	if strings.Contains(text, "latest") || strings.Contains(text, "privileged: true") {
		t.Error("the word latest or privileged")
	}
	for name, s := range c.Services {
		images := []string{}
		if s.Image != "" {
			images = append(images, s.Image)
		}
		for _, m := range fromLine.FindAllStringSubmatch(s.Build.DockerfileInline, -1) {
			images = append(images, m[1])
		}
		if len(images) == 0 {
			t.Errorf("%s has no image", name)
		}
		for _, image := range images {
			if !exactImage.MatchString(image) {
				t.Errorf("%s: image %s is not pinned to an exact version", name, image)
			}
		}
		if strings.Contains(s.Build.DockerfileInline, "go install") && !exactModule.MatchString(s.Build.DockerfileInline) {
			t.Errorf("%s installs a module without an exact version", name)
		}
		for _, p := range s.Ports {
			if !strings.HasPrefix(p, "127.0.0.1:") {
				t.Errorf("%s is open to the network: %s", name, p)
			}
		}
		if len(s.Healthcheck.Test) < 2 || s.Healthcheck.Interval == "" {
			t.Errorf("%s has no health check", name)
		}
		if !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may gain privileges", name)
		}
		for key, value := range s.Environment {
			// A secret is asked for; it has no value to start with.
			secret := strings.Contains(key, "PASSWORD") || strings.Contains(key, "SECRET") || strings.Contains(value, "@")
			vars := variable.FindAllString(value, -1)
			if secret && len(vars) != 1 {
				t.Errorf("%s: %s has a secret written into it, or none", name, key)
			}
			for _, v := range vars {
				if secret && !strings.Contains(v, ":?") {
					t.Errorf("%s: %s has a default for its secret: %s", name, key, v)
				}
			}
		}
	}
}
