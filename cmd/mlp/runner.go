package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/pyenv"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/run"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/memstore"
	"github.com/mlpdev/mlp/pkg/trainer"
	"github.com/mlpdev/mlp/pkg/vcs"
	"github.com/mlpdev/mlp/trainers"
)

// comparison says what is planned against what: revisions, or "" for the work
// tree and its merge-base with the default branch.
type comparison struct {
	base, head string
	nothing    bool // compare with nothing
	exact      bool // look up every key in the store, whatever the last run noted
}

// versions resolves a comparison.
func (a *app) versions(p *project, c comparison) (base, head version, err error) {
	h, err := a.openHistory(p)
	if err != nil {
		return version{}, version{}, err
	}
	head = p.workTree()
	if c.head != "" {
		if head, err = h.at(c.head); err != nil {
			return version{}, version{}, err
		}
		if head.program == nil {
			return version{}, version{}, fmt.Errorf("cannot plan %s", head.name)
		}
	}
	switch {
	case c.nothing || strings.Trim(c.base, "0") == "" && len(c.base) >= 40: // Git's name of no commit
		base = version{name: "nothing"}
	case c.base != "":
		base, err = h.at(c.base)
	default:
		base, err = h.base(c.head)
	}
	return base, head, err
}

// makePlan plans a comparison, with what the store has, and warns of what it has
// that does not count.
func (a *app) makePlan(ctx context.Context, p *project, s store.Store, c comparison) (plan.File, error) {
	key, err := a.signer()
	var noKey *noKeyError
	if err != nil && !errors.As(err, &noKey) {
		return plan.File{}, err
	}
	p.stayLocal(key)
	base, head, err := a.versions(p, c)
	if err != nil {
		return plan.File{}, err
	}
	in := plan.Input{Base: base.program, Head: head.program, BaseName: base.name, HeadName: head.name, May: p.mayRelease(key)}
	for _, v := range []version{base, head} {
		if p.local && v.program != nil {
			v.program.ReleaseTo(compile.DefaultChannel)
		}
	}
	r := p.builder(s, key)
	exists := r.ExistsApplied(ctx)
	if c.exact {
		exists = r.Exists(ctx)
	}
	_, inMemory := s.(*memstore.Store)
	out := plan.File{Project: p.spec.GetName(), MLP: a.build.Version, BaseCommit: base.commit, Stored: !inMemory}
	if in.Drift, err = r.Drift(ctx); err != nil {
		return plan.File{}, err
	}
	exists.LookAhead(head.program)
	in.Exists = exists
	out.Plan = plan.Make(in)
	if exists.Err != nil {
		return plan.File{}, exists.Err
	}
	return out, a.warnIgnored(ctx, p, r, out.Plan)
}

// builder returns a runner that takes from the store what a release may be made
// of.
func (p *project) builder(s store.Store, key *dsse.PrivateKey) *run.Runner {
	r := p.viewer(s)
	r.Index = run.NewIndex(s, nil, p.builders())
	if key != nil {
		r.Index = run.NewIndex(s, key, p.builders())
	}
	return r
}

// viewer returns a runner that can look into the store.
func (p *project) viewer(s store.Store) *run.Runner {
	return &run.Runner{Store: s, Index: run.NewIndex(s, nil, p.trusted("")), Program: p.program,
		Release: run.ReleaseOptions{Repository: p.spec.GetName(), Trusted: p.trusted}}
}

// reader returns a runner that can also read what columns hold. end closes what
// it reads with.
func (a *app) reader(ctx context.Context, p *project, s store.Store) (r *run.Runner, end func(), err error) {
	cache, objects, err := a.openCache()
	if err != nil {
		return nil, nil, err
	}
	r = p.viewer(s)
	r.Cache = cache
	db, closeEngine, err := openScratchEngine(ctx, engineDirs{store: storeDir(s), cache: objects})
	if err != nil {
		return nil, nil, errors.Join(err, cache.Close())
	}
	r.DB = db
	return r, func() {
		closeEngine()
		cache.Close()
	}, nil
}

// engineDirs are directories that DuckDB may use.
type engineDirs struct {
	store, scratch, cache string
	memory                string // limit, as "1GB"; what does not fit spills to scratch
	lean                  bool   // give memory back at once
}

// openEngine opens DuckDB with the functions of the catalogue.
func openEngine(ctx context.Context, dirs engineDirs) (*duckdb.DB, error) {
	var allowed []string
	for _, d := range []string{dirs.store, dirs.scratch, dirs.cache} {
		if d != "" {
			allowed = append(allowed, d)
		}
	}
	return duckdb.Open(ctx, duckdb.Options{TempDir: dirs.scratch, MemoryLimit: dirs.memory, Lean: dirs.lean, Dirs: allowed, Setup: sql.DuckDBMacros()})
}

// openScratchEngine opens DuckDB with a directory of its own to spill to, beside
// those that it may use anyway. end closes it and removes the directory.
func openScratchEngine(ctx context.Context, dirs engineDirs) (db *duckdb.DB, end func(), err error) {
	if dirs.scratch, err = os.MkdirTemp("", "mlp-*"); err != nil {
		return nil, nil, err
	}
	if db, err = openEngine(ctx, dirs); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dirs.scratch))
	}
	return db, func() {
		db.Close()
		os.RemoveAll(dirs.scratch)
	}, nil
}

// storeDir is the directory of a file store; others have none.
func storeDir(s store.Store) string {
	if dir, ok := strings.CutPrefix(s.Location(), "file:"); ok {
		return dir
	}
	return ""
}

// machine is what a run needs of this machine: an engine, Python, a directory
// to work in.
type machine struct {
	app     *app
	cache   string
	objects *store.Cache
	scratch string
	db      *duckdb.DB
	key     *dsse.PrivateKey
	python  map[string]*pyenv.Env // by kind of trainer
	workers *trainer.Pool
	onnx    *onnx.Runtime
	kind    string // whose environment has the runtime
	cluster cluster
	note    func(string)
}

// openMachine prepares a run of a project. Close ends it.
func (a *app) openMachine(ctx context.Context, p *project, s store.Store, note func(string)) (*machine, error) {
	m := &machine{app: a, note: note, python: map[string]*pyenv.Env{}, kind: p.kinds()[0]}
	m.workers = trainer.NewPool(func(kind string) (*trainer.Worker, error) { return m.worker(ctx, kind) }, note)
	var err error
	if m.cache, err = a.cacheDir(); err != nil {
		return nil, err
	}
	if m.key, err = a.signer(); err != nil {
		return nil, err
	}
	p.stayLocal(m.key)
	if err := p.mustTrust(m.key); err != nil {
		return nil, err
	}
	// What a killed run left behind goes: the caller holds the project's lock.
	work := filepath.Join(p.root, stateDir, "tmp")
	if err := os.RemoveAll(work); err != nil {
		return nil, err
	}
	m.scratch = filepath.Join(work, "run")
	if err := os.MkdirAll(m.scratch, 0o755); err != nil {
		return nil, err
	}
	var objects string
	if m.objects, objects, err = a.openCache(); err != nil {
		return nil, err
	}
	m.db, err = openEngine(ctx, engineDirs{store: storeDir(s), scratch: m.scratch, cache: objects})
	if err != nil {
		return nil, err
	}
	return m, nil
}

// Close stops the workers and removes the directory.
func (m *machine) Close() error {
	return errors.Join(m.cluster.close(), m.workers.Close(), m.db.Close(), m.objects.Close(), os.RemoveAll(m.scratch))
}

// kinds are the kinds of trainer that the project's models name, sorted; that
// of most models where there are none.
func (p *project) kinds() []string {
	var kinds []string
	for _, m := range p.program.Models {
		kinds = append(kinds, trainer.KindOf(m.Trainer))
	}
	if len(kinds) == 0 {
		return []string{"sklearn"}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// environmentOf says where the environment of a kind is, and how it is made.
// MLP_PYTHON_KIND names an interpreter for one kind, MLP_PYTHON for all.
func (a *app) environmentOf(kind, cache string) (pyenv.EnvOptions, error) {
	lock, err := fs.ReadFile(trainers.Files, trainers.Lock(kind))
	if err != nil {
		return pyenv.EnvOptions{}, err
	}
	bootstrap, err := fs.ReadFile(trainers.Files, trainers.Bootstrap)
	python := cmp.Or(a.env("MLP_PYTHON_"+strings.ToUpper(kind)), a.env("MLP_PYTHON"))
	return pyenv.EnvOptions{CacheDir: cache, Python: python, Lock: lock, Bootstrap: bootstrap, Environ: a.environ()}, err
}

// environment makes the Python environment of a kind on first use.
func (m *machine) environment(ctx context.Context, kind string) (*pyenv.Env, error) {
	if env := m.python[kind]; env != nil {
		return env, nil
	}
	options, err := m.app.environmentOf(kind, m.cache)
	if err != nil {
		return nil, err
	}
	options.Progress = func(line string) { m.note(kind + ": " + line) }
	env, err := pyenv.Environment(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	m.python[kind] = &env
	return &env, nil
}

// worker starts a worker of a kind.
func (m *machine) worker(ctx context.Context, kind string) (*trainer.Worker, error) {
	env, err := m.environment(ctx, kind)
	if err != nil {
		return nil, err
	}
	dir, err := trainer.Unpack(trainers.Files, m.cache)
	if err != nil {
		return nil, err
	}
	return trainer.Start(ctx, trainer.CommandOf(*env, dir, m.app.environ()))
}

// runtime loads the ONNX runtime on first use.
func (m *machine) runtime(ctx context.Context) (*onnx.Runtime, error) {
	if m.onnx != nil {
		return m.onnx, nil
	}
	env, err := m.environment(ctx, m.kind)
	if err != nil {
		return nil, err
	}
	m.onnx, err = onnx.Open(env.OnnxRuntime)
	return m.onnx, err
}

// runner returns a runner that can execute a plan.
func (m *machine) runner(ctx context.Context, p *project, s store.Store, planned digest.Digest) (*run.Runner, error) {
	r := p.builder(s, m.key)
	r.DB, r.Scratch, r.Cache, r.Now = m.db, m.scratch, m.objects, m.app.now
	r.Trainer = m.workers
	r.ONNX = m.runtime
	r.Release.Signer, r.Release.Specs, r.Release.PlanDigest = m.key, p.specs, planned
	r.Release.Builder = release.Builder{MLP: m.app.build.Version, Go: m.app.build.Go}
	r.Release.Platform = runtime.GOOS + "/" + runtime.GOARCH
	r.Release.Library = func() (string, string, error) {
		env, err := m.environment(ctx, m.kind)
		if err != nil {
			return "", "", err
		}
		return env.OnnxRuntime, env.OnnxRuntimeVersion, nil
	}
	repo, err := vcs.Open(p.root)
	if errors.Is(err, vcs.ErrNoRepo) {
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	head, err := repo.Head()
	if errors.Is(err, vcs.ErrNoCommit) {
		r.Release.Dirty = true
		return r, nil
	}
	if err != nil {
		return nil, err
	}
	dirty, err := repo.Dirty("mlp.textproto", "specs", "datasets", "trainers")
	if err != nil {
		return nil, err
	}
	r.Release.Commit, r.Release.Dirty = head.Hash, len(dirty) > 0
	return r, nil
}

// environ is the environment of processes that mlp starts.
func (a *app) environ(more ...string) []string {
	var out []string
	for _, name := range append(slices.Clone(inherited), more...) {
		if v, ok := a.lookupEnv(name); ok {
			out = append(out, fmt.Sprintf("%s=%s", name, v))
		}
	}
	return out
}

// inherited are the variables that processes started by mlp see.
var inherited = []string{"PATH", "HOME", "TMPDIR", "JAVA_HOME", "LANG", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
	"http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "XDG_CACHE_HOME", "UV_CACHE_DIR",
	"PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_CERT", "PIP_FIND_LINKS", "PIP_CACHE_DIR", "PIP_DEFAULT_TIMEOUT", "PIP_CONFIG_FILE",
	"UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "UV_NATIVE_TLS", "UV_SYSTEM_CERTS"}
