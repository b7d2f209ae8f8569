package run

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/faultstore"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

// applied is a project with a store that it was applied to.
type applied struct {
	*project
	store   *memstore.Store
	program *compile.Program
}

func newApplied(t *testing.T) applied {
	t.Helper()
	p := newProject(t)
	a := applied{project: p, store: p.newStore(t), program: p.compileOnly(t)}
	mustApply(t, p, a.store)
	return a
}

// frames returns the frames of the parser and of the windows over day1.
func (a applied) frames(t *testing.T) (parsed, windows compile.Frame) {
	t.Helper()
	m, ok := compile.ByName(a.program.Models, "scan_src")
	if !ok {
		t.Fatal("no model scan_src")
	}
	k := m.Dataset.Contributions[0]
	return compile.ParserFrame(m.Dataset, k, m.FeatureSet.From), compile.FeatureFrame(m.Dataset, k, m.FeatureSet)
}

// hosts is the column key of a feature of the windows.
func (a applied) hosts(t *testing.T) digest.Digest {
	t.Helper()
	_, windows := a.frames(t)
	f, ok := windows.FeatureSet.Feature("hosts")
	if !ok {
		t.Fatal("no feature hosts")
	}
	return windows.Column(f.Key)
}

func (a applied) index() *Index { return NewIndex(a.store, a.key, a.trusted) }

// change reads an entry, edits it and signs it again, as a broken builder
// might.
func change[T any](t *testing.T, a applied, kind string, key digest.Digest, edit func(*T)) {
	t.Helper()
	var v T
	found, err := a.index().get(t.Context(), place{kind, key}, &v)
	if err != nil || !found {
		t.Fatalf("no %s entry %s: %v", kind, key.Short(), err)
	}
	edit(&v)
	payload, err := json.Marshal(v)
	must(t, err)
	envelope, err := dsse.Sign(entryType(kind), payload, a.key)
	must(t, err)
	a.store.Damage(entryName(kind, key, a.key.Public()), envelope)
}

// entryName is where a builder's entry lies.
func entryName(kind string, key digest.Digest, builder ed25519.PublicKey) string {
	return place{kind, key}.name(builder)
}

// TestIndexTrust plants entries of the frame of windows: what no trusted builder
// signed for its place is ignored and named, and the next run makes it anew,
// with the results of an undisturbed one. What a trusted builder signed and this
// version does not read is an error.
func TestIndexTrust(t *testing.T) {
	stranger := newKey(t, "stranger")
	a := newApplied(t)
	parsed, windows := a.frames(t)
	whole, want := names(t, a.store), results(t, a.store)
	for _, test := range plantings(stranger) {
		t.Run(test.name, func(t *testing.T) {
			defer a.restore(t, whole)
			test.plant(t, a, windows.Key, parsed.Key)
			x := a.index()
			entry, err := x.Frame(t.Context(), windows.Key)
			wantError(t, err, test.err)
			if own := test.err == "" && test.ignored == ""; (entry != nil) != own {
				t.Errorf("found %v, want %v", entry != nil, own)
			}
			wantIgnored(t, x, windows.Key, test.ignored)
			made, err := planOf(t.Context(), a.runner(t, a.store))
			wantError(t, err, test.err)
			if test.ignored == "" {
				return
			}
			if made.StepsOf(plan.Features) != 1 || made.Columns() != 0 {
				t.Errorf("to do are %d steps, %d columns; want the rows of one frame", made.StepsOf(plan.Features), made.Columns())
			}
			mustApply(t, a.project, a.store)
			got := results(t, a.store)
			for name := range got { // what strangers put under their own names stays
				if _, ours := want[name]; !ours && name == entryName("frame", windows.Key, stranger.Public()) {
					delete(got, name)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the store has other results (-undisturbed +got):\n%s", diff)
			}
			mustVerify(t, a.project, a.store)
		})
	}
}

// planting is something in place of an entry of the builder ci.
type planting struct {
	name    string
	plant   func(t *testing.T, a applied, frame, other digest.Digest)
	err     string // of reading the frame; "" none
	ignored string // the reason, and who signed
}

func plantings(stranger *dsse.PrivateKey) []planting {
	return []planting{
		{name: "its own", plant: func(*testing.T, applied, digest.Digest, digest.Digest) {}},
		{name: "a stranger's", ignored: ": stranger", plant: func(t *testing.T, a applied, frame, _ digest.Digest) {
			a.store.Damage(entryName("frame", frame, a.key.Public()), nil)
			must(t, NewIndex(a.store, stranger, nil).put(t.Context(), "frame", frame, FrameEntry{FormatVersion: FormatVersion, Key: frame}))
		}},
		{name: "a stranger's in the builder's place", ignored: "not signed by a trusted key: stranger", plant: func(t *testing.T, a applied, frame, _ digest.Digest) {
			x := NewIndex(a.store, stranger, nil)
			must(t, x.put(t.Context(), "frame", frame, FrameEntry{FormatVersion: FormatVersion, Key: frame}))
			name := entryName("frame", frame, stranger.Public())
			envelope, err := a.store.Read(t.Context(), name)
			must(t, err)
			a.store.Damage(name, nil)
			a.store.Damage(entryName("frame", frame, a.key.Public()), envelope)
		}},
		{name: "a stranger's under the builder's name", ignored: "not signed by a trusted key: ci", plant: func(t *testing.T, a applied, frame, _ digest.Digest) {
			payload, err := json.Marshal(FrameEntry{FormatVersion: FormatVersion, Key: frame})
			must(t, err)
			envelope, err := dsse.Sign(entryType("frame"), payload, newKey(t, a.key.Name()))
			must(t, err)
			a.store.Damage(entryName("frame", frame, a.key.Public()), envelope)
		}},
		{name: "unsigned", ignored: "lacks payload", plant: func(t *testing.T, a applied, frame, _ digest.Digest) {
			payload, err := json.Marshal(FrameEntry{FormatVersion: FormatVersion, Key: frame})
			must(t, err)
			a.store.Damage(entryName("frame", frame, a.key.Public()), payload)
		}},
		{name: "moved from another key", ignored: "moved here: ci", plant: func(t *testing.T, a applied, frame, other digest.Digest) {
			envelope, err := a.store.Read(t.Context(), entryName("frame", other, a.key.Public()))
			must(t, err)
			a.store.Damage(entryName("frame", frame, a.key.Public()), envelope)
		}},
		{name: "of another kind", ignored: "payload type", plant: func(t *testing.T, a applied, frame, _ digest.Digest) {
			payload, err := json.Marshal(ModelEntry{FormatVersion: FormatVersion, Key: frame})
			must(t, err)
			envelope, err := dsse.Sign(entryType("model"), payload, a.key)
			must(t, err)
			a.store.Damage(entryName("frame", frame, a.key.Public()), envelope)
		}},
		{name: "of another format", err: "format version 2", plant: func(t *testing.T, a applied, frame, _ digest.Digest) {
			change(t, a, "frame", frame, func(e *FrameEntry) { e.FormatVersion++ })
		}},
		{name: "with unknown fields", err: "unknown field", plant: func(t *testing.T, a applied, frame, _ digest.Digest) {
			change(t, a, "frame", frame, func(v *map[string]any) { (*v)["more"] = 1 })
		}},
		{name: "tampered", ignored: ": ci", plant: func(t *testing.T, a applied, frame, _ digest.Digest) {
			name := entryName("frame", frame, a.key.Public())
			envelope, err := a.store.Read(t.Context(), name)
			must(t, err)
			a.store.Damage(name, bytes.Replace(envelope, []byte(`"payload":"e`), []byte(`"payload":"f`), 1))
		}},
		{name: "cut short", ignored: "not an envelope", plant: func(t *testing.T, a applied, frame, _ digest.Digest) {
			name := entryName("frame", frame, a.key.Public())
			envelope, err := a.store.Read(t.Context(), name)
			must(t, err)
			a.store.Damage(name, envelope[:len(envelope)/2])
		}},
		{name: "empty", ignored: "not an envelope", plant: func(t *testing.T, a applied, frame, _ digest.Digest) {
			a.store.Damage(entryName("frame", frame, a.key.Public()), []byte{})
		}},
	}
}

// wantIgnored compares what an index ignored of a key: a reason and who claims to
// have signed.
func wantIgnored(t *testing.T, x *Index, key digest.Digest, want string) {
	t.Helper()
	got := ""
	for _, i := range x.Ignored() {
		i, err := x.Claims(t.Context(), i)
		must(t, err)
		got += i.Reason + ": " + strings.Join(i.Signers, ", ")
		if i.Key != key || !strings.Contains(i.Name, key.Hex()) {
			t.Errorf("it names %s of key %s", i.Name, i.Key.Short())
		}
	}
	if want == "" && got != "" || !strings.Contains(got, want) {
		t.Errorf("ignored %q, want %q", got, want)
	}
}

// TestPlantedModel: a laptop cannot plant what another builder then signs. Every
// kind of entry that a run made is planted by a stranger, with what a stranger
// would like to be there; the run makes all of it itself, whatever fails while
// it does.
func TestPlantedModel(t *testing.T) {
	p := newProject(t)
	undisturbed := p.newStore(t)
	mustApply(t, p, undisturbed)
	want := results(t, undisturbed)
	mallory := newKey(t, "mallory")
	plant := func(t *testing.T) (*memstore.Store, int) {
		s, n := p.newStore(t), 0
		for name, text := range want {
			kind, key, ok := strings.Cut(strings.TrimPrefix(name, "index/"), "/")
			if !ok || !strings.HasPrefix(name, "index/") {
				continue
			}
			key, _, _ = strings.Cut(key, "/")
			d, err := digest.Parse("sha256:" + key)
			must(t, err)
			text = strings.NewReplacer(`"passed":false`, `"passed":true`, `"files":null`, `"files":["`+d.String()+`"]`).Replace(text)
			envelope, err := dsse.Sign(entryType(kind), []byte(text), mallory)
			must(t, err)
			s.Damage(entryName(kind, d, mallory.Public()), envelope)
			s.Damage(entryName(kind, d, p.key.Public()), envelope) // in the builder's own place, too
			n++
		}
		return s, n
	}
	own := func(t *testing.T, s store.Store) map[string]string {
		got := results(t, s)
		maps.DeleteFunc(got, func(name, _ string) bool {
			return strings.HasPrefix(name, "index/") && strings.HasSuffix(name, BuilderName(mallory.Public()))
		})
		return got
	}
	s, n := plant(t)
	counted := faultstore.New(s, 0, faultstore.Fail)
	r := p.runner(t, counted)
	if _, _, err := apply(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, own(t, s)); diff != "" {
		t.Fatalf("planted entries changed the results (-undisturbed +got):\n%s", diff)
	}
	if ignored := r.Index.Ignored(); len(ignored) != 2*n { // one under each name
		t.Errorf("%d entries are ignored, %d were planted under two names each", len(ignored), n)
	}
	for i := 3; i < counted.Writes(); i += 41 {
		for _, kind := range []faultstore.Fault{faultstore.Unclear, faultstore.Crash, faultstore.CrashAfter} {
			s, _ := plant(t)
			_, _, err := apply(t.Context(), p.runner(t, faultstore.New(s, i, kind)))
			if err != nil && !errors.Is(err, faultstore.ErrInjected) {
				t.Errorf("%s at %d: %v", kind, i, err)
			}
			mustApply(t, p, s)
			if diff := cmp.Diff(want, own(t, s)); diff != "" {
				t.Errorf("%s at %d: other results (-undisturbed +got):\n%s", kind, i, diff)
			}
		}
	}
}

// TestIndexTrustsOtherBuilders reads what another trusted builder made, and
// makes nothing again.
func TestIndexTrustsOtherBuilders(t *testing.T) {
	a := newApplied(t)
	laptop := a.clone()
	laptop.key, laptop.trusted = newKey(t, "laptop"), []dsse.Key{a.key.Key()}
	made, err := planOf(t.Context(), laptop.runner(t, a.store))
	if err != nil || len(made.Steps) > 0 {
		t.Errorf("%d steps (%v), want none", len(made.Steps), err)
	}
	laptop.trusted = nil
	r := laptop.runner(t, a.store)
	// Releases are another matter: both may sign those here.
	r.Release.Trusted = a.runner(t, a.store).Release.Trusted
	alone, err := planOf(t.Context(), r)
	first, errFirst := planOf(t.Context(), a.runner(t, a.newStore(t)))
	if err != nil || errFirst != nil || alone.Columns() != first.Columns() || alone.Columns() == 0 {
		t.Errorf("without trust %d columns are to do, %d in an empty store (%v, %v)", alone.Columns(), first.Columns(), err, errFirst)
	}
}

// restore puts back what the store had by name.
func (a applied) restore(t *testing.T, whole map[string]string) {
	t.Helper()
	for name := range names(t, a.store) {
		if _, ok := whole[name]; !ok {
			a.store.Damage(name, nil)
		}
	}
	for name, text := range whole {
		a.store.Damage(name, []byte(text))
	}
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("got %v, want no error", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

// write puts a Parquet file with the result of a query into the store.
func (a applied) write(t *testing.T, query string, meta map[string]string) digest.Digest {
	t.Helper()
	r := a.runner(t, a.store)
	conn, err := a.db.Conn(t.Context())
	must(t, err)
	defer conn.Close()
	path := filepath.Join(r.Scratch, "x.parquet")
	_, err = conn.WriteParquet(t.Context(), duckdb.WriteOptions{Query: query, Path: path, Meta: meta})
	must(t, err)
	d, _, err := r.keep(t.Context(), path)
	must(t, err)
	return d
}

// column returns a SELECT of the stored values of hosts, and the footer that
// its file should have.
func (a applied) column(t *testing.T) (query string, meta map[string]string) {
	t.Helper()
	_, windows := a.frames(t)
	r := a.runner(t, a.store)
	frame, err := r.Index.Frame(t.Context(), windows.Key)
	must(t, err)
	column, err := r.Index.Column(t.Context(), a.hosts(t))
	must(t, err)
	paths, err := r.local(t.Context(), column.Files)
	must(t, err)
	return "SELECT hosts FROM read_parquet('" + paths[0] + "')", footer(frame.Key, frame.Parts[0])
}

// TestFooters swaps the file of a column: what does not belong to the frame's
// rows is refused when it is read.
func TestFooters(t *testing.T) {
	a := newApplied(t)
	query, meta := a.column(t)
	whole := names(t, a.store)
	tests := []struct {
		name, want string
		edit       func(map[string]string)
	}{
		{"the same footer", "", func(map[string]string) {}},
		{"another frame", "footer has mlp.frame", func(m map[string]string) { m["mlp.frame"] = digest.Of(nil).String() }},
		{"another number of rows", "footer has mlp.rows", func(m map[string]string) { m["mlp.rows"] = "1" }},
		{"other rows", "footer has mlp.row_digest", func(m map[string]string) { m["mlp.row_digest"] = digest.Of(nil).String() }},
		{"no footer", "footer has mlp.frame", func(m map[string]string) { clear(m) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer a.restore(t, whole)
			own := maps.Clone(meta)
			test.edit(own)
			file := a.write(t, query, own)
			change(t, a, "column", a.hosts(t), func(c *ColumnEntry) { c.Files = []digest.Digest{file} })
			r := a.runner(t, a.store)
			m, _ := compile.ByName(r.Program.Models, "scan_src")
			rows := 0
			err := r.Rows(t.Context(), m, func(Row) error { rows++; return nil })
			wantError(t, err, test.want)
			if (rows > 0) != (test.want == "") {
				t.Errorf("read %d rows", rows)
			}
		})
	}
}

// TestVerifyFindsObjects damages each object that the store holds.
func TestVerifyFindsObjects(t *testing.T) {
	a := newApplied(t)
	objects := a.objects(t)
	if v := mustVerify(t, a.project, a.store); v.Objects != len(objects) {
		t.Fatalf("verified %d objects, the entries name %d", v.Objects, len(objects))
	}
	for i, d := range objects {
		data := readObject(t, a.store, d)
		damaged := bytes.Clone(data)
		damaged[(i*7919)%len(damaged)] ^= 1
		if i%3 == 0 {
			damaged = nil
		}
		a.store.Damage(d.String(), damaged)
		_, err := a.runner(t, a.store).Verify(t.Context(), []string{"local"})
		wantError(t, err, d.Hex())
		a.store.Damage(d.String(), data)
	}
	mustVerify(t, a.project, a.store)
}

// objects returns every object that entries and releases name.
func (a applied) objects(t *testing.T) []digest.Digest {
	t.Helper()
	known := map[digest.Digest]bool{}
	add := func(list ...digest.Digest) {
		for _, d := range list {
			known[d] = true
		}
	}
	for d := range a.chunks {
		add(d)
	}
	for _, e := range releases(t, a.project, a.store) {
		for _, f := range e.Record.Artifacts {
			add(f.Digest)
		}
	}
	for name, text := range results(t, a.store) {
		var entry struct {
			Parts                              []Part
			Model, Predictions, Learned, Curve digest.Digest
		}
		switch strings.Split(name, "/")[1] {
		case "frame":
			must(t, json.Unmarshal([]byte(text), &entry))
			for _, p := range entry.Parts {
				add(p.RowFile)
			}
		case "model":
			must(t, json.Unmarshal([]byte(text), &entry))
			add(entry.Model, entry.Predictions, entry.Learned)
		case "evaluation":
			must(t, json.Unmarshal([]byte(text), &entry))
			add(entry.Curve)
		case "column":
			key, err := digest.Parse("sha256:" + strings.Split(name, "/")[2])
			must(t, err)
			c, err := a.index().Column(context.WithoutCancel(t.Context()), key)
			must(t, err)
			add(c.Files...)
		}
	}
	return slices.SortedFunc(maps.Keys(known), digest.Digest.Compare)
}

// TestVerifyFindsValues changes what entries say, or what stands behind them,
// with every signature and object digest right.
func TestVerifyFindsValues(t *testing.T) {
	a := newApplied(t)
	query, meta := a.column(t)
	parsed, windows := a.frames(t)
	whole := names(t, a.store)
	swap := func(query string) func(t *testing.T) {
		return func(t *testing.T) {
			file := a.write(t, query, meta)
			change(t, a, "column", a.hosts(t), func(c *ColumnEntry) { c.Files = []digest.Digest{file} })
		}
	}
	frame := func(f compile.Frame, edit func(*FrameEntry)) func(t *testing.T) {
		return func(t *testing.T) { change(t, a, "frame", f.Key, edit) }
	}
	model := a.program.Models[0]
	tests := []struct {
		name, want string
		damage     func(t *testing.T)
	}{
		{"another file, the same values", "", swap(query)},
		{"the same rows, other values", "content digest", swap("SELECT hosts + 1 AS hosts FROM (" + query + ")")},
		{"the same values, another order", "content digest", swap("SELECT hosts FROM (" + query + ") ORDER BY hosts DESC")},
		{"a row less", "content digest", swap("SELECT hosts FROM (" + query + ") LIMIT 3")},
		{"a file too many", "2 files for 1 parts", func(t *testing.T) {
			change(t, a, "column", a.hosts(t), func(c *ColumnEntry) { c.Files = append(c.Files, c.Files[0]) })
		}},
		{"lines", "lines are not", frame(parsed, func(e *FrameEntry) { e.Counts.Lines++ })},
		{"lines and blanks", "lines and", frame(parsed, func(e *FrameEntry) { e.Counts.Lines++; e.Counts.Blanks++ })},
		{"rejects", "records are not", frame(parsed, func(e *FrameEntry) { e.Counts.Rejects["x"]++ })},
		{"records and rejects", "lines are not", frame(parsed, func(e *FrameEntry) { e.Counts.Records++; e.Counts.Rejects["x"]++ })},
		{"a row for a reject", "rows counted", frame(parsed, func(e *FrameEntry) { e.Counts.Rows--; e.Counts.Rejects["x"]++ })},
		{"rows", "recorded", frame(windows, func(e *FrameEntry) { e.Rows++ })},
		{"a part less", "recorded", frame(parsed, func(e *FrameEntry) { e.Parts = e.Parts[1:] })},
		{"row ids", "content digest", frame(windows, func(e *FrameEntry) { e.Parts[0].RowDigest = digest.Of(nil) })},
		{"an evaluation of another model", "its evaluation is of", func(t *testing.T) {
			change(t, a, "evaluation", model.Evaluation, func(e *EvaluationEntry) { e.Model = digest.Of(nil) })
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer a.restore(t, whole)
			test.damage(t)
			_, err := a.runner(t, a.store).Verify(t.Context(), []string{"local"})
			wantError(t, err, test.want)
		})
	}
}

// TestRowFilesOfAnotherEngine has row ids that were written as other bytes, as
// another version of the engine would: what is missing is computed beside them.
func TestRowFilesOfAnotherEngine(t *testing.T) {
	a := newApplied(t)
	_, windows := a.frames(t)
	r := a.runner(t, a.store)
	entry, err := r.Index.Frame(t.Context(), windows.Key)
	must(t, err)
	paths, err := r.local(t.Context(), []digest.Digest{entry.Parts[0].RowFile})
	must(t, err)
	meta := footer(entry.Key, entry.Parts[0])
	meta["engine"] = "older"
	file := a.write(t, "SELECT * FROM read_parquet('"+paths[0]+"')", meta)
	change(t, a, "frame", windows.Key, func(e *FrameEntry) { e.Parts[0].RowFile = file })
	a.edit(t, "specs/features/src_5min.textproto", "count(DISTINCT dst)", "count(DISTINCT dst) + 1")
	mustApply(t, a.project, a.store)
	mustVerify(t, a.project, a.store)
}
