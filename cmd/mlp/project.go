package main

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/run"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/filestore"
	"github.com/mlpdev/mlp/pkg/store/memstore"
	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/trainers"
)

// defaultStore is where artifacts of a project live that names no store.
const defaultStore = "file:.mlp/store"

// stateDir is the directory of a project that Git ignores.
const stateDir = ".mlp"

// project is an opened project: its work tree, read and compiled.
type project struct {
	root    string
	program *compile.Program
	spec    *specpb.Project
	specs   map[string][]byte // what sites compute with, as it was compiled
	local   bool              // what is applied is released to the channel local
}

// openProject reads and compiles the project that the user is in. Mistakes in
// its specs come back as a *diag.ListError; warnings are printed.
func (a *app) openProject() (*project, error) {
	root, err := a.projectRoot()
	if err != nil {
		return nil, err
	}
	program, ws, err := a.compileTree(os.DirFS(root))
	if err != nil {
		return nil, err
	}
	return &project{root: root, program: program, spec: program.Project, specs: siteSpecs(ws)}, nil
}

// compileTree compiles the specs of a tree. Places in diagnostics are read from
// it. What compiling warns of is printed by the command that is for it.
func (a *app) compileTree(tree fs.FS) (*compile.Program, *spec.Workspace, error) {
	known, err := run.Trainers(trainers.Files)
	if err != nil {
		return nil, nil, err
	}
	ws, diags := spec.Load(tree, trainers.Files)
	a.source = ws.Source
	program, more := compile.Compile(ws, known)
	more = beside(ws, diags, more)
	if err := append(diags, more...).Err(); err != nil {
		return nil, nil, err
	}
	if a.warned = len(diags) + len(more); a.doubtful {
		diags = append(diags, more...)
	}
	if len(diags) > 0 && (!a.flags.quiet || a.diagOut != nil) { // where they are the result, they are not left out
		return program, ws, a.diagnose(diags)
	}
	return program, ws, nil
}

// programAsFarAsItReads compiles a tree for completion: mistakes in it are for
// other commands to report.
func (a *app) programAsFarAsItReads(tree fs.FS) *compile.Program {
	known, err := run.Trainers(trainers.Files)
	if err != nil {
		return nil
	}
	ws, _ := spec.Load(tree, trainers.Files)
	program, _ := compile.Compile(ws, known)
	return program
}

// beside returns the mistakes that compiling found, but for those that may be
// consequences of what was read wrong: names that are missing, in files that
// did not read well or that read such files, and whatever stands in the same
// line as a mistake. Warnings wait until all reads well.
func beside(ws *spec.Workspace, reading, compiling diag.List) diag.List {
	type line struct {
		file string
		line int
	}
	broken, lines := map[string]bool{}, map[line]bool{}
	if len(compiling) == 0 {
		return nil
	}
	for _, d := range reading {
		if d.Severity == diag.Error {
			broken[d.Span.File], lines[line{d.Span.File, d.Span.Line}] = true, true
		}
	}
	spread := func(from, to *spec.Document) {
		if from != nil && to != nil && broken[from.Path] {
			broken[to.Path] = true
		}
	}
	for _, s := range ws.Lists {
		if ws.Table(s.Name) == nil {
			broken[s.Doc.Path] = true
		}
	}
	for _, s := range ws.FeatureSets {
		parser, _ := ws.Parser(s.Spec.GetFrom())
		spread(parser.Doc, s.Doc)
		for _, j := range s.Spec.GetJoins() {
			list, _ := ws.List(j.GetList())
			spread(list.Doc, s.Doc)
		}
	}
	for before := -1; before < len(broken); { // sets stand over one another
		before = len(broken)
		for _, s := range ws.FeatureSets {
			set, _ := ws.FeatureSet(s.Spec.GetFrom())
			spread(set.Doc, s.Doc)
		}
	}
	for _, s := range ws.Datasets {
		for _, k := range s.Spec.GetContributions() {
			for _, f := range k.GetFiles() {
				parser, _ := ws.Parser(f.GetParser())
				spread(parser.Doc, s.Doc)
			}
		}
	}
	for _, s := range ws.Models {
		features, _ := ws.FeatureSet(s.Spec.GetFeatureSet())
		data, _ := ws.Dataset(s.Spec.GetDataset())
		spread(features.Doc, s.Doc)
		spread(data.Doc, s.Doc)
	}
	for _, s := range ws.Environments {
		for _, name := range s.Spec.GetModels() {
			model, _ := ws.Model(name)
			spread(model.Doc, s.Doc)
		}
	}
	follows := []string{"unknown-column", "unknown-function", "unknown-feature", "type-mismatch", "not-a-number", "no-capture", "empty-side"}
	return slices.DeleteFunc(compiling, func(d *diag.Diagnostic) bool {
		return d.Severity == diag.Warning && reading.HasErrors() || lines[line{d.Span.File, d.Span.Line}] || broken[d.Span.File] && slices.Contains(follows, d.Code)
	})
}

// siteSpecs returns the files that a site computes with.
func siteSpecs(ws *spec.Workspace) map[string][]byte {
	out := map[string][]byte{ws.Project.Doc.Path: ws.Project.Doc.Source}
	for _, s := range ws.Parsers {
		out[s.Doc.Path] = s.Doc.Source
	}
	for _, s := range ws.FeatureSets {
		out[s.Doc.Path] = s.Doc.Source
	}
	for _, s := range ws.Functions {
		out[s.Doc.Path] = s.Doc.Source
	}
	for _, s := range ws.Lists {
		out[s.Doc.Path] = s.Doc.Source
		if t := ws.Table(s.Name); t != nil {
			out[t.Path] = t.Source
		}
	}
	return out
}

// openStore opens the store at a location, which must be there.
func (a *app) openStore(location, relativeTo string) (store.Store, error) {
	if strings.HasPrefix(location, s3.Scheme) {
		return s3.Open(location, s3.Options{})
	}
	path, err := storePath(location, relativeTo)
	if err != nil {
		return nil, err
	}
	return filestore.Open(path)
}

// storePath returns the directory of a file store.
func storePath(location, relativeTo string) (string, error) {
	path, ok := strings.CutPrefix(location, "file:")
	if !ok {
		return "", fmt.Errorf("store %q: want file:PATH or s3://bucket/prefix", location)
	}
	if filepath.IsAbs(path) {
		return path, nil
	}
	if relativeTo == "" {
		return "", fmt.Errorf("store %q: want an absolute path", location)
	}
	return filepath.Join(relativeTo, path), nil
}

// store opens the project's store to look into. Where there is none yet it is
// an empty one in memory, so that looking writes nothing.
func (p *project) store(a *app) (store.Store, error) {
	location := p.storeLocation(a)
	if path, err := storePath(location, p.root); err == nil {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return memstore.New(), nil
		}
	}
	return a.openStore(location, p.root)
}

// openForLooking opens the project that the user is in, and its store to look
// into.
func (a *app) openForLooking() (*project, store.Store, error) {
	p, err := a.openProject()
	if err != nil {
		return nil, nil, err
	}
	s, err := p.store(a)
	return p, s, err
}

// makeStore opens the project's store to write to, made where it is missing.
func (p *project) makeStore(ctx context.Context, a *app) (store.Store, error) {
	location := p.storeLocation(a)
	if strings.HasPrefix(location, s3.Scheme) {
		return s3.Init(ctx, location, s3.Options{})
	}
	path, err := storePath(location, p.root)
	if err != nil {
		return nil, err
	}
	return filestore.Init(path)
}

func (p *project) storeLocation(a *app) string {
	return cmp.Or(a.env("MLP_STORE"), p.spec.GetStore(), defaultStore)
}

// trusted returns the project's keys: for a channel those that may sign its
// releases, for "" all.
func (p *project) trusted(channel string) []dsse.Key { return trustedKeys(p.spec.GetKeys(), channel) }

func trustedKeys(keys []*specpb.TrustedKey, channel string) []dsse.Key {
	var out []dsse.Key
	for _, k := range keys {
		public, err := dsse.ParsePublic(k.GetPublicKey())
		if err != nil || (channel != "" && !slices.Contains(k.GetChannels(), channel)) {
			continue
		}
		out = append(out, dsse.Key{Name: k.GetName(), Public: public})
	}
	return out
}

// builders are the keys whose entries of the store's index a release may be made
// of: those that may sign releases of all channels that models are for. What is
// for local alone may be of any key of the project. So nobody plants a model
// that another key then signs.
func (p *project) builders() []dsse.Key {
	out := p.trusted("")
	for _, m := range p.program.Models {
		if m.Channel != compile.DefaultChannel {
			may := p.trusted(m.Channel)
			out = slices.DeleteFunc(out, func(k dsse.Key) bool { return !holds(may, k.Public) })
		}
	}
	return out
}

func holds(keys []dsse.Key, public ed25519.PublicKey) bool {
	return slices.ContainsFunc(keys, func(k dsse.Key) bool { return k.Public.Equal(public) })
}

func (p *project) log(s store.Store, channel string) release.Log {
	return release.Log{Store: s, Repository: p.spec.GetName(), Channel: channel, Trusted: p.trusted(channel)}
}

// channels returns the channels that the project's models and environments
// use, sorted.
func (p *project) channels() []string {
	var out []string
	for _, m := range p.program.Models {
		out = append(out, m.Channel)
	}
	for _, e := range p.program.Environments {
		out = append(out, e.Channel)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// configDir is the user's configuration of mlp.
func (a *app) configDir() (string, error) {
	if dir := a.env("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "mlp"), nil
	}
	home := a.env("HOME")
	if home == "" {
		return "", errors.New("neither XDG_CONFIG_HOME nor HOME is set")
	}
	return filepath.Join(home, ".config", "mlp"), nil
}

// cacheDir is where downloads, environments and copies live.
func (a *app) cacheDir() (string, error) {
	if dir := a.env("MLP_CACHE_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := a.env("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "mlp"), nil
	}
	home := a.env("HOME")
	if home == "" {
		return "", errors.New("none of MLP_CACHE_DIR, XDG_CACHE_HOME and HOME is set")
	}
	return filepath.Join(home, ".cache", "mlp"), nil
}

// cacheSize is how many GB of copies of a store's objects are kept.
const cacheSize = 20

// openCache returns the cache of a store's objects, and its directory, which is
// there.
func (a *app) openCache() (*store.Cache, string, error) {
	dir, err := a.cacheDir()
	if err != nil {
		return nil, "", err
	}
	size := float64(cacheSize)
	if text := a.env("MLP_CACHE_SIZE"); text != "" {
		if size, err = strconv.ParseFloat(text, 64); err != nil || !(size >= 0 && size < 1e6) {
			return nil, "", fmt.Errorf("MLP_CACHE_SIZE is %q, want a number of GB", text)
		}
	}
	dir = filepath.Join(dir, "objects")
	return store.NewCache(dir, int64(size*1e9)), dir, os.MkdirAll(dir, 0o755)
}

// devKey is the name of the key that a user signs with on their own machine.
const devKey = "dev"

// noKeyError says that there is no key to sign with.
type noKeyError struct{ err error }

func (e *noKeyError) Error() string { return e.err.Error() }
func (e *noKeyError) Unwrap() error { return e.err }
func (e *noKeyError) Hint() string {
	return "`mlp init` makes a development key; elsewhere MLP_SIGNING_KEY holds one in PEM form"
}

// signer returns the key that this process signs with: MLP_SIGNING_KEY, a PEM
// text, or the user's development key.
func (a *app) signer() (*dsse.PrivateKey, error) {
	if text := a.env("MLP_SIGNING_KEY"); text != "" {
		return dsse.ParsePrivateKey("MLP_SIGNING_KEY", []byte(text))
	}
	path, err := a.devKeyPath()
	if err != nil {
		return nil, err
	}
	key, err := dsse.ReadPrivateKey(devKey, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &noKeyError{err}
	}
	return key, err
}

func (a *app) devKeyPath() (string, error) {
	dir, err := a.configDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "keys", devKey+".pem"), nil
}

// makeDevKey returns the user's development key, made on first use.
func (a *app) makeDevKey() (*dsse.PrivateKey, string, error) {
	path, err := a.devKeyPath()
	if err != nil {
		return nil, "", err
	}
	if key, err := dsse.ReadPrivateKey(devKey, path); !errors.Is(err, fs.ErrNotExist) {
		return key, path, err
	}
	key, err := dsse.GenerateKey(devKey, rand.Reader)
	if err != nil {
		return nil, "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, "", err
	}
	return key, path, key.WriteFile(path)
}

// untrustedKeyError says that a project does not trust the key at hand.
type untrustedKeyError struct{ name, public, channel string }

func (e *untrustedKeyError) Error() string {
	return fmt.Sprintf("the key %s may not sign releases of channel %s of this project", e.name, e.channel)
}

func (e *untrustedKeyError) Hint() string {
	return fmt.Sprintf("add it to %s: keys { name: %q public_key: %q channels: %q }", projectFile, e.name, e.public, e.channel)
}

// mustTrust refuses a key that the project does not trust for its channels,
// before anything is computed with it.
func (p *project) mustTrust(key *dsse.PrivateKey) error {
	for _, m := range p.program.Models {
		if !holds(p.trusted(m.Channel), key.Public()) {
			return &untrustedKeyError{name: key.Name(), public: dsse.FormatPublic(key.Public()), channel: m.Channel}
		}
	}
	return nil
}

// mayRelease says where a plan may release to: to the channels of the models, and
// to those that the key may sign, where models may be retired.
func (p *project) mayRelease(key *dsse.PrivateKey) func(channel string) bool {
	if key == nil {
		return nil
	}
	return func(channel string) bool {
		of := func(m *compile.Model) bool { return m.Channel == channel }
		return slices.ContainsFunc(p.program.Models, of) || !p.local && holds(p.trusted(channel), key.Public())
	}
}

// stayLocal makes what is applied with a key stay in the channel local, where
// that is all that the key may sign.
func (p *project) stayLocal(key *dsse.PrivateKey) {
	if key != nil && p.mustTrust(key) != nil && holds(p.trusted(compile.DefaultChannel), key.Public()) {
		p.program.ReleaseTo(compile.DefaultChannel)
		p.local = true
	}
}
