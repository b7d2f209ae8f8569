package run

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	example "github.com/mlpdev/mlp"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/dataset"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/scaffold"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/memstore"
	"github.com/mlpdev/mlp/trainers"
)

// project is the example's specs over small logs, and what a machine needs to
// apply them. Its trainer is a fake in Go; the engine and the ONNX runtime are
// the real ones.
type project struct {
	files   fstest.MapFS
	chunks  map[digest.Digest][]byte // what `dataset add` would have stored
	key     *dsse.PrivateKey
	trusted []dsse.Key // beside key
	db      *duckdb.DB
	root    string // the directory that the engine may use
	cache   *store.Cache
	library string // a file that plays the ONNX runtime's library in releases
	trainer Trainer
	onnx    *onnx.Runtime
	write   func(log []byte) []byte // gives a log the form that the parser reads
	runs    int
}

// newProject makes a project in a temporary directory, or skips where there is
// no ONNX runtime to evaluate models with.
func newProject(t *testing.T) *project {
	t.Helper()
	p := emptyProject(t)
	p.specs(t)
	p.logs(t)
	return p
}

// emptyProject makes what newProject does, without specs and logs.
func emptyProject(t *testing.T) *project {
	t.Helper()
	library := os.Getenv("MLP_TEST_ONNXRUNTIME")
	if library == "" {
		t.Skip("MLP_TEST_ONNXRUNTIME names no ONNX runtime library")
	}
	runtime, err := onnx.Open(library)
	must(t, err)
	p := &project{files: fstest.MapFS{}, chunks: map[digest.Digest][]byte{}, onnx: runtime, root: t.TempDir(),
		write: func(log []byte) []byte { return log }}
	p.key = newKey(t, "ci")
	p.cache = store.NewCache(filepath.Join(p.root, "cache"), 1<<30)
	t.Cleanup(func() { must(t, p.cache.Close()) })
	for _, dir := range []string{"cache/objects", "store", "scratch"} {
		must(t, os.MkdirAll(filepath.Join(p.root, dir), 0o755))
	}
	p.library = filepath.Join(p.root, "libonnxruntime.so")
	must(t, os.WriteFile(p.library, []byte("not opened by these tests"), 0o644))
	p.db, err = duckdb.Open(t.Context(), duckdb.Options{TempDir: filepath.Join(p.root, "scratch"), Dirs: []string{p.root}, Setup: sql.DuckDBMacros()})
	must(t, err)
	t.Cleanup(func() { p.db.Close() })
	p.trainer = &fakeTrainer{db: p.db}
	return p
}

func newKey(t *testing.T, name string) *dsse.PrivateKey {
	t.Helper()
	key, err := dsse.GenerateKey(name, rand.Reader)
	must(t, err)
	return key
}

func (p *project) specs(t *testing.T) {
	t.Helper()
	must(t, fs.WalkDir(example.Specs, "specs", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || example.Part(name) != "scan" {
			return err
		}
		data, err := fs.ReadFile(example.Specs, name)
		p.files[name] = &fstest.MapFile{Data: data}
		return err
	}))
	p.files["mlp.textproto"] = &fstest.MapFile{Data: []byte("name: \"example\"\n")}
	p.edit(t, "specs/parsers/zeek_conn.textproto", "source { json {} }\n", "") // tests bring shapes of their own
	// On few rows the false-positive rate cannot be judged.
	p.edit(t, "specs/models/scan_conn.textproto", "min_recall: 0.8 max_fpr: 0.03", "min_recall: 0.5")
	p.edit(t, "specs/models/scan_src.textproto", "min_recall: 0.8", "min_recall: 0.5")
}

// logs adds two labelled days to the dataset, each in several chunks.
func (p *project) logs(t *testing.T) {
	t.Helper()
	chunks := memstore.New()
	d := &specpb.Dataset{Name: "inbound_scan", AttackTechnique: "T1046", Split: &specpb.Split{Test: []string{"day2"}}}
	program := p.compileOnly(t, "specs/parsers", "specs/features")
	parser, ok := compile.ByName(program.Parsers, "zeek_conn")
	if !ok {
		t.Fatal("no parser zeek_conn")
	}
	for i, name := range []string{"day1", "day2"} {
		log := scaffold.Log{Seed: uint64(i + 1), Start: time.Date(2026, 1, 1+i, 8, 0, 0, 0, time.UTC), Records: 200, Scanners: 6, Labelled: true}
		path := filepath.Join(p.root, name+".log")
		must(t, os.WriteFile(path, p.write(log.Bytes()), 0o644))
		added, err := dataset.Add(t.Context(), dataset.AddOptions{Store: chunks, Path: path, Parser: parser.Name, Dataset: d,
			Source: source.Options{Format: parser.Format, Optional: parser.Raw}, ChunkSize: 32 << 10})
		must(t, err)
		if len(added.File.GetChunks()) < 2 {
			t.Fatalf("%s has %d chunks, want several", name, len(added.File.GetChunks()))
		}
		d.Contributions = append(d.Contributions, &specpb.Contribution{Name: name, Files: []*specpb.RawFile{added.File}, Shareable: true,
			Added: "2026-01-01T00:00:00Z", Label: &specpb.Label{Kind: &specpb.Label_Expression{Expression: scaffold.Label}}})
		p.keepChunks(t, chunks, added.File)
	}
	p.files["datasets/inbound_scan/dataset.textproto"] = &fstest.MapFile{Data: spec.Format(d, nil)}
}

// keepChunks keeps what a file was cut to.
func (p *project) keepChunks(t *testing.T, from store.Store, file *specpb.RawFile) {
	t.Helper()
	for _, k := range file.GetChunks() {
		sum, err := digest.Parse(k.GetDigest())
		must(t, err)
		p.chunks[sum] = readObject(t, from, sum)
	}
}

func readObject(t *testing.T, s store.Store, d digest.Digest) []byte {
	t.Helper()
	body, err := s.Get(t.Context(), d)
	must(t, err)
	defer body.Close()
	var b bytes.Buffer
	_, err = b.ReadFrom(body)
	must(t, err)
	return b.Bytes()
}

// edit replaces a text in one of the project's files.
func (p *project) edit(t *testing.T, name, old, new string) {
	t.Helper()
	text := string(p.files[name].Data)
	if strings.Count(text, old) != 1 {
		t.Fatalf("%s has %q %d times, want once", name, old, strings.Count(text, old))
	}
	p.files[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, new, 1))}
}

// clone returns the same project with files of its own, to be edited.
func (p *project) clone() *project {
	out := *p
	out.files = fstest.MapFS{}
	for name, f := range p.files {
		out.files[name] = f
	}
	return &out
}

func (p *project) compileOnly(t *testing.T, dirs ...string) *compile.Program {
	t.Helper()
	tree := fstest.MapFS{}
	for name, f := range p.files {
		keep := name == "mlp.textproto" || len(dirs) == 0
		for _, dir := range dirs {
			keep = keep || strings.HasPrefix(name, dir+"/")
		}
		if keep {
			tree[name] = f
		}
	}
	ws, diags := spec.Load(tree, trainers.Files)
	must(t, diags.Err())
	known, err := Trainers(trainers.Files)
	must(t, err)
	program, diags := compile.Compile(ws, known)
	must(t, diags.Err())
	return program
}

// siteSpecs are the files that sites compute with.
func (p *project) siteSpecs() map[string][]byte {
	out := map[string][]byte{}
	for name, file := range p.files {
		if name == "mlp.textproto" || strings.HasPrefix(name, "specs/parsers/") || strings.HasPrefix(name, "specs/features/") || strings.HasPrefix(name, "specs/lists/") {
			out[name] = file.Data
		}
	}
	return out
}

// newStore returns a store in memory that holds the project's raw chunks.
func (p *project) newStore(t *testing.T) *memstore.Store {
	t.Helper()
	s := memstore.New()
	p.fill(t, s)
	return s
}

func (p *project) fill(t *testing.T, s store.Store) {
	t.Helper()
	for d, data := range p.chunks {
		must(t, s.Put(t.Context(), d, bytes.NewReader(data)))
	}
}

// runner returns a runner as a new process would make it.
func (p *project) runner(t *testing.T, s store.Store) *Runner {
	t.Helper()
	p.runs++
	scratch, err := os.MkdirTemp(filepath.Join(p.root, "scratch"), strconv.Itoa(p.runs)+"-*")
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(scratch) })
	keys := append([]dsse.Key{p.key.Key()}, p.trusted...)
	return &Runner{
		Store: s, Index: NewIndex(s, p.key, p.trusted), Program: p.compileOnly(t), DB: p.db,
		Scratch: scratch, Cache: p.cache, Progress: silent{},
		Trainer: p.trainer,
		ONNX:    func(context.Context) (*onnx.Runtime, error) { return p.onnx, nil },
		Now:     func() time.Time { return time.Date(2026, 1, 12, 8, 0, 0, 0, time.UTC) },
		Release: ReleaseOptions{Repository: "example", Commit: strings.Repeat("c", 40), Builder: release.Builder{MLP: "test", Go: "test"},
			Signer: p.key, Trusted: func(string) []dsse.Key { return keys }, Specs: p.siteSpecs(), Platform: "linux/amd64",
			Library: func() (string, string, error) { return p.library, "1.32.0", nil }},
	}
}

// plan makes the plan of the whole project.
func planOf(ctx context.Context, r *Runner) (*plan.Plan, error) {
	exists := r.Exists(ctx)
	p := plan.Make(plan.Input{Head: r.Program, BaseName: "nothing", HeadName: "work tree", Exists: exists})
	r.Release.PlanDigest = p.Digest
	return p, exists.Err
}

// apply plans and applies, as `mlp apply` does.
func apply(ctx context.Context, r *Runner) (*plan.Plan, *Result, error) {
	p, err := planOf(ctx, r)
	if err != nil {
		return p, nil, err
	}
	out, err := r.Apply(ctx, p)
	return p, out, err
}

func mustApply(t *testing.T, p *project, s store.Store) (*plan.Plan, *Result) {
	t.Helper()
	made, out, err := apply(t.Context(), p.runner(t, s))
	if err != nil {
		t.Fatalf("apply: %v", err)
	}
	return made, out
}

// mustVerify checks the whole store.
func mustVerify(t *testing.T, p *project, s store.Store) *Verified {
	t.Helper()
	out, err := p.runner(t, s).Verify(t.Context(), []string{"local"})
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	return out
}

// results returns what the store has by name, as text, but for the files that
// columns lie in: a run that finishes another one computes fewer columns at a
// time. Equal results are the same keys, values, models and releases.
func results(t *testing.T, s store.Store) map[string]string {
	t.Helper()
	out := names(t, s)
	for name, text := range out {
		if !strings.HasPrefix(name, "index/") {
			continue
		}
		kind := strings.Split(name, "/")[1]
		payload, err := dsse.Unverified([]byte(text), entryType(kind))
		must(t, err)
		if kind == "column" {
			var c ColumnEntry
			must(t, json.Unmarshal(payload, &c))
			c.Files = nil
			payload, err = json.Marshal(c)
			must(t, err)
		}
		out[name] = string(payload)
	}
	return out
}

// names returns everything that the store has by name, as text.
func names(t *testing.T, s store.Store) map[string]string {
	t.Helper()
	list, err := s.List(t.Context(), "")
	must(t, err)
	out := map[string]string{}
	for _, name := range list {
		data, err := s.Read(t.Context(), name)
		must(t, err)
		out[name] = string(data)
	}
	return out
}

func releases(t *testing.T, p *project, s store.Store) []release.Entry {
	t.Helper()
	r := p.runner(t, s)
	log := r.log("local")
	out, err := log.List(t.Context())
	must(t, err)
	return out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// silent is a Progress for nobody.
type silent struct{}

func (silent) Phase(string, int) {}
func (silent) Step(string)       {}
func (silent) Doing(string)      {}
func (silent) Note(string)       {}
