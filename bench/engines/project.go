package main

import (
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing/fstest"
	"time"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/dataset"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/run"
	"github.com/mlpdev/mlp/pkg/source"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/filestore"
	"github.com/mlpdev/mlp/trainers"
)

//go:embed specs
var specs embed.FS

// project is specs over generated logs, in a directory: datasets/ beside raw/,
// which is a store that holds the chunks alone.
type project struct {
	dir     string
	logs    map[string][]string // paths by parser
	lines   int64
	bytes   int64
	program *compile.Program
	key     *dsse.PrivateKey // of all stores
}

// keyFile is the key's place in the project.
const keyFile = "key.pem"

// kinds are the parsers, which are the datasets' names too.
func kinds() []string { return []string{"conn", "web"} }

// makeProject generates logs and adds them to datasets.
func makeProject(ctx context.Context, dir string, lines int) (*project, error) {
	p := &project{dir: dir, logs: map[string][]string{}}
	raw := filepath.Join(dir, "raw")
	for _, d := range []string{raw, filepath.Join(dir, "logs"), filepath.Join(dir, "datasets")} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return nil, err
		}
	}
	s, err := filestore.Init(raw)
	if err != nil {
		return nil, err
	}
	program, err := load(dir)
	if err != nil {
		return nil, err
	}
	for _, kind := range kinds() {
		if p.logs[kind], err = generate(filepath.Join(dir, "logs"), kind, lines/2); err != nil {
			return nil, err
		}
		if err := p.add(ctx, program, s, kind); err != nil {
			return nil, err
		}
	}
	key, err := dsse.GenerateKey("ci", rand.Reader)
	if err != nil {
		return nil, err
	}
	if err := key.WriteFile(filepath.Join(dir, keyFile)); err != nil {
		return nil, err
	}
	p.key = key
	p.program, err = load(dir)
	return p, err
}

// openProject opens what makeProject made.
func openProject(dir string) (*project, error) {
	key, err := dsse.ReadPrivateKey("ci", filepath.Join(dir, keyFile))
	if err != nil {
		return nil, err
	}
	program, err := load(dir)
	return &project{dir: dir, program: program, key: key}, err
}

// add makes the dataset of a kind of logs.
func (p *project) add(ctx context.Context, program *compile.Program, s *filestore.Store, kind string) error {
	parser, ok := compile.ByName(program.Parsers, kind)
	if !ok {
		return fmt.Errorf("no parser %s", kind)
	}
	d := &specpb.Dataset{Name: kind, AttackTechnique: "T1046"}
	k := &specpb.Contribution{Name: "days", Shareable: true, Added: "2026-01-01T00:00:00Z", Label: &specpb.Label{Kind: &specpb.Label_Verdict{Verdict: specpb.Verdict_BENIGN}}}
	d.Contributions = append(d.Contributions, k)
	for _, path := range p.logs[kind] {
		added, err := dataset.Add(ctx, dataset.AddOptions{Store: s, Path: path, Parser: kind, Dataset: d, Source: source.Options{Format: parser.Format, Optional: parser.Raw}})
		if err != nil {
			return err
		}
		k.Files = append(k.Files, added.File)
		p.lines += added.File.GetLines()
		p.bytes += added.File.GetSize()
	}
	return os.WriteFile(filepath.Join(p.dir, "datasets", kind+".textproto"), spec.Format(d, nil), 0o666)
}

// load compiles the specs with the datasets of a directory.
func load(dir string) (*compile.Program, error) {
	tree := fstest.MapFS{"mlp.textproto": &fstest.MapFile{Data: []byte("name: \"engines\"\n")}}
	datasets, err := filepath.Glob(filepath.Join(dir, "datasets", "*.textproto"))
	if err != nil {
		return nil, err
	}
	for _, path := range datasets {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		tree["datasets/"+filepath.Base(path[:len(path)-len(".textproto")])+"/dataset.textproto"] = &fstest.MapFile{Data: data}
	}
	err = fs.WalkDir(specs, "specs", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := specs.ReadFile(name)
		tree[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		return nil, err
	}
	ws, diags := spec.Load(tree, trainers.Files)
	if err := diags.Err(); err != nil {
		return nil, err
	}
	known, err := run.Trainers(trainers.Files)
	if err != nil {
		return nil, err
	}
	program, diags := compile.Compile(ws, known)
	return program, diags.Err()
}

// place is a store with the project's chunks, that is filled once.
type place struct {
	*project
	dir   string
	store *filestore.Store
	db    *duckdb.DB
	cache *store.Cache
}

// newPlace makes an empty place in a directory that is not there.
func (p *project) newPlace(ctx context.Context, dir string) (*place, error) {
	for _, d := range []string{"store", "scratch", "cache"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, err
		}
	}
	s, err := filestore.Init(filepath.Join(dir, "store"))
	if err != nil {
		return nil, err
	}
	raw, err := filestore.Open(filepath.Join(p.dir, "raw"))
	if err != nil {
		return nil, err
	}
	for _, d := range p.program.Datasets {
		for _, k := range d.Contributions {
			for _, kind := range kinds() {
				for _, f := range k.Files(kind) {
					for _, c := range f.GetChunks() {
						if err := link(raw, s, c.GetDigest()); err != nil {
							return nil, err
						}
					}
				}
			}
		}
	}
	db, err := duckdb.Open(ctx, duckdb.Options{TempDir: filepath.Join(dir, "scratch"), Dirs: []string{dir}, Setup: sql.DuckDBMacros()})
	if err != nil {
		return nil, err
	}
	return &place{project: p, dir: dir, store: s, db: db, cache: store.NewCache(filepath.Join(dir, "cache"), 1<<34)}, nil
}

func link(from, to *filestore.Store, name string) error {
	d, err := digest.Parse(name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to.Path(d)), 0o755); err != nil {
		return err
	}
	return os.Link(from.Path(d), to.Path(d))
}

func (p *place) close() error {
	err := p.cache.Close()
	p.db.Close()
	return err
}

// compute runs the steps of the plan that parse and make features, and nothing
// of what trains.
func (p *place) compute(ctx context.Context, on *run.Spark) (time.Duration, error) {
	r := &run.Runner{Store: p.store, Index: run.NewIndex(p.store, p.key, nil), Program: p.program, DB: p.db, Spark: on,
		Scratch: filepath.Join(p.dir, "scratch"), Cache: p.cache, Progress: quiet{}, Now: time.Now,
		Release: run.ReleaseOptions{Repository: "engines", Signer: p.key, Trusted: func(string) []dsse.Key { return []dsse.Key{p.key.Key()} }}}
	made := &plan.Plan{Steps: p.steps()}
	begun := time.Now()
	_, err := r.Apply(ctx, made)
	return time.Since(begun), err
}

// steps are those of a plan that parse and make features, of every column.
func (p *project) steps() []plan.Step {
	var parse, features []plan.Step
	for _, d := range p.program.Datasets {
		for _, k := range d.Contributions {
			parser, _ := compile.ByName(p.program.Parsers, d.Name)
			frame := compile.ParserFrame(d, k, parser)
			s := plan.Step{Kind: plan.Parse, Target: frame.Address(), Key: frame.Key, Frame: frame}
			for _, f := range parser.Fields {
				s.Fields = append(s.Fields, plan.ColumnTask{Name: f.Name, Address: f.Address, Expr: f.Expr, Key: frame.Column(f.Key)})
			}
			parse = append(parse, s)
			for _, set := range p.program.FeatureSets {
				if set.From != parser {
					continue
				}
				frame := compile.FeatureFrame(d, k, set)
				s := plan.Step{Kind: plan.Features, Target: frame.Address(), Key: frame.Key, Frame: frame}
				for _, f := range set.Features {
					s.Fields = append(s.Fields, plan.ColumnTask{Name: f.Name, Address: f.Address, Expr: f.Expr, Key: frame.Column(f.Key)})
				}
				features = append(features, s)
			}
		}
	}
	return append(parse, features...)
}

// quiet is a progress that nobody reads.
type quiet struct{}

func (quiet) Phase(string, int) {}
func (quiet) Step(string)       {}
func (quiet) Doing(string)      {}
func (quiet) Note(string)       {}
