package status

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/receipt"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/trainers"
)

var now = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// project is the one of the diagnostics' pages, with a model for each state.
func project(t *testing.T) *compile.Program {
	t.Helper()
	archive, err := txtar.ParseFile("../../testdata/diagnostics.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, f := range archive.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	model := string(files["specs/models/scan.textproto"].Data)
	for i, name := range []string{"fresh", "held", "measured", "moved", "trained"} {
		text := strings.Replace(model, `"scan"`, `"`+name+`"`, 1) + fmt.Sprintf("seed: %d\n", i+2)
		if name == "moved" {
			text += "channel: \"canary\"\n"
		}
		files["specs/models/"+name+".textproto"] = &fstest.MapFile{Data: []byte(text)}
	}
	files["specs/environments/one.textproto"] = &fstest.MapFile{Data: []byte("name: \"one\"\nchannel: \"canary\"\nmodels: \"moved\"\n")}
	ws, list := spec.Load(files, trainers.Files)
	p, more := compile.Compile(ws, []compile.Trainer{{Name: "sklearn", Key: digest.Of(nil)}})
	if err := append(list, more...).Err(); err != nil {
		t.Fatal(err)
	}
	return p
}

func model(p *compile.Program, name string) *compile.Model {
	m, _ := compile.ByName(p.Models, name)
	return m
}

func entry(channel string, number int64, models ...release.Model) *release.Entry {
	return &release.Entry{Digest: digest.Of([]byte(fmt.Sprint(channel, number))), Signer: "dev",
		Record: release.Record{Channel: channel, Number: number, Created: now.Add(-time.Hour), Models: models}}
}

func site(environment, channel string, number int64) receipt.Receipt {
	return receipt.Receipt{Repository: "p", Environment: environment, Site: fmt.Sprint(channel, number), Channel: channel,
		Release: release.Ref{Number: number, Digest: digest.Of([]byte(fmt.Sprint(channel, number)))}}
}

func input(t *testing.T) Input {
	p := project(t)
	held, measured := model(p, "held"), model(p, "measured")
	other := site("lab", "local", 3)
	other.Site, other.Release.Digest = "fork", digest.Of([]byte("fork"))
	stranger := site("lab", "local", 3)
	stranger.Repository = "q"
	return Input{Program: p, Now: now,
		Heads: map[string]*release.Entry{"canary": nil, "local": entry("local", 3,
			release.Model{Name: "gone"}, release.Model{Name: "held", EvaluationKey: digest.Of([]byte("before"))}, release.Model{Name: "moved"},
			release.Model{Name: "scan", EvaluationKey: model(p, "scan").Evaluation})},
		Measured: func(key, released digest.Digest) ([]string, bool, bool) {
			switch key {
			case held.Evaluation:
				if released != digest.Of([]byte("before")) {
					t.Errorf("measured beside %s", released)
				}
				return []string{"recall 0.5 is below 0.8"}, false, true
			case measured.Evaluation:
				return nil, true, true
			}
			return nil, false, false
		},
		Trained: func(key digest.Digest) bool { return key == model(p, "trained").Key },
		Receipts: []receipt.Receipt{site("lab", "local", 1), site("lab", "local", 2), site("lab", "local", 3), site("lab", "local", 4), other, stranger,
			site("one", "local", 3), site("nowhere", "local", 3)},
	}
}

func TestOf(t *testing.T) {
	s := Of(input(t))
	var got []string
	for _, c := range s.Channels {
		got = append(got, fmt.Sprintf("%s %q %d %s", c.Channel, c.Release, c.AgeSeconds, strings.Join(c.Models, ",")))
	}
	for _, m := range s.Models {
		got = append(got, fmt.Sprintf("%s %s: %s %q %q", m.Channel, m.Model, m.State, m.Release, m.Reasons))
	}
	for _, e := range s.Environments {
		got = append(got, fmt.Sprintf("%s: %q %s, %d of %d", e.Environment, e.Release, strings.Join(e.Models, ","), e.Current, e.Sites))
	}
	for _, x := range s.Sites {
		got = append(got, fmt.Sprintf("%s/%s: %t %s", x.Environment, x.Site, x.Current, x.Drift))
	}
	want := []string{
		`canary "" 0 `,
		`local "local#3" 3600 gone,held,moved,scan`,
		`canary moved: pending "" ["not trained"]`,
		`local fresh: pending "" ["not trained"]`,
		`local gone: retired "local#3" ["leaves with the next release"]`,
		`local held: held "local#3" ["recall 0.5 is below 0.8"]`,
		`local measured: pending "" ["passed its gates, not released"]`,
		`local moved: retired "local#3" ["leaves with the next release"]`,
		`local scan: released "local#3" []`,
		`local trained: pending "" ["trained, not measured"]`,
		`lab: "local#3" gone,held,moved,scan, 1 of 5`,
		`one: "" , 0 of 1`,
		`lab/local1: false 2 releases behind`,
		`lab/local2: false one release behind`,
		`lab/local3: true `,
		`lab/local4: false runs a release that the channel does not have`,
		`lab/fork: false runs another release of this number`,
		`one/local3: false it follows local, its environment canary`,
		`nowhere/local3: false its environment does not exist`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDiffers(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    Status
		want bool
	}{
		{"nothing", Status{}, false},
		{"all is well", Status{Models: []Model{{State: Released}}, Sites: []Site{{Current: true}}}, false},
		{"a model", Status{Models: []Model{{State: Released}, {State: Retired}}}, true},
		{"a site", Status{Sites: []Site{{Current: true}, {Drift: "one release behind"}}}, true},
	} {
		if got := tt.s.Differs(); got != tt.want {
			t.Errorf("%s: got %t", tt.name, got)
		}
	}
}
