package pull

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

// refusal is something wrong with a second release, and what is said about it.
type refusal struct {
	name   string
	damage func(t *testing.T, s *memstore.Store, o *Options, e release.Entry)
	want   string
}

// forge replaces the second record by a changed one that this key signed.
func forge(t *testing.T, s *memstore.Store, e release.Entry, key string, change func(*release.Record)) {
	t.Helper()
	r := e.Record
	change(&r)
	s.Damage(release.Name("local", 2), resign(t, r, newKey(t, key)))
}

// wrongObjects are refusals of what the store has under a digest.
func wrongObjects() []refusal {
	model := digest.Of([]byte("model b2")).String()
	return []refusal{
		{"flipped byte", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			s.Damage(model, []byte("model b3"))
		}, "artifact models/b.onnx"},
		{"truncated", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			s.Damage(model, []byte("model "))
		}, "artifact models/b.onnx"},
		{"emptied", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			s.Damage(model, []byte{})
		}, "artifact models/b.onnx"},
		{"removed", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			s.Damage(model, nil)
		}, "artifact models/b.onnx"},
		{"larger than signed", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			s.Damage(model, []byte(strings.Repeat("model b2", 1<<20)))
		}, "larger than the 8 bytes"},
		{"right bytes, smaller size signed", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			forge(t, s, e, "alice", func(r *release.Record) { sized(r, "models/b.onnx", 3) })
		}, "larger than the 3 bytes"},
	}
}

// wrongRecords are refusals of what the log has.
func wrongRecords() []refusal {
	return []refusal{
		{"signed by a stranger", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			forge(t, s, e, "mallory", func(*release.Record) {})
		}, "not signed by a trusted key (forged)"},
		{"signed by another channel's key", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			forge(t, s, e, "bob", func(*release.Record) {})
		}, "(forged)"},
		{"re-numbered", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			s.Damage(release.Name("local", 3), e.Envelope)
		}, "(wrong-number)"},
		{"another project's", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			forge(t, s, e, "alice", func(r *release.Record) { r.Repository = "other" })
		}, "(wrong-repository)"},
		{"another channel's", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			forge(t, s, e, "alice", func(r *release.Record) { r.Channel = "canary" })
		}, "(wrong-channel)"},
		{"not after what runs", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			forge(t, s, e, "alice", func(r *release.Record) { r.Previous = digest.Of([]byte("x")) })
		}, "(broken-chain)"},
		{"path traversal", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			text := strings.ReplaceAll(payload(t, e), "models/b.onnx", "models/../../../b")
			env, err := dsse.Sign(dsse.InToto, []byte(text), newKey(t, "alice"))
			if err != nil {
				t.Fatal(err)
			}
			s.Damage(release.Name("local", 2), env)
		}, `its name has the segment ".." (malformed)`},
		{"rollback", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			s.Damage(release.Name("local", 1), nil)
			s.Damage(release.Name("local", 2), nil)
		}, "(rollback)"},
		{"fork", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			other := memstore.New()
			publish(t, other, parts{"a": "other"})
			env, err := other.Read(t.Context(), release.Name("local", 1))
			if err != nil {
				t.Fatal(err)
			}
			s.Damage(release.Name("local", 1), env)
		}, "(fork)"},
		{"floor of another history", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			o.Site.Floor = &specpb.Floor{Number: 1, Digest: digest.Of([]byte("x")).String()}
		}, "(fork)"},
		{"floor above the log", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			o.Site.Floor = &specpb.Floor{Number: 3, Digest: digest.Of([]byte("x")).String()}
		}, "(rollback)"},
	}
}

// wrongAnswers are refusals by the site's own chain.
func wrongAnswers() []refusal {
	return []refusal{
		{"another key", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			o.Chain = chain{change: func(keys map[string]digest.Digest, epochs map[string]int) {
				keys["feature/set.b"] = digest.Of([]byte("other"))
				keys["field/zeek_conn.ts"] = digest.Of([]byte("other"))
				epochs["length"] = 3
			}}
		}, "contract: model b reads feature/set.b (" + digest.Of([]byte("b")).Short() + "…); this mlp computes " +
			digest.Of([]byte("other")).Short() + "… from the same spec: function length has epoch 4, here 3"},
		{"a key that is missing here", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			o.Chain = chain{change: func(keys map[string]digest.Digest, _ map[string]int) { delete(keys, "field/zeek_conn.ts") }}
		}, "contract: the release has field/zeek_conn.ts"},
		{"another epoch", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			o.Chain = chain{change: func(_ map[string]digest.Digest, epochs map[string]int) { delete(epochs, "length") }}
		}, "contract: function length has epoch 4, here it is unknown"},
		{"specs that this binary cannot read", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			o.Chain = chain{err: errors.New("2 errors in the specs")}
		}, "contract: 2 errors in the specs"},
		{"known answers that nobody ran", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			o.Chain = idle{}
		}, "known answers: none of 2 was checked"},
		{"known answer that fails", func(t *testing.T, s *memstore.Store, o *Options, e release.Entry) {
			forge(t, s, e, "alice", func(r *release.Record) {
				a := artifact(t, s, "known-answers/b.json", release.KnownAnswers, "other answers")
				for i := range r.Artifacts {
					if r.Artifacts[i].Name == a.Name {
						r.Artifacts[i] = a
					}
				}
			})
		}, "known answers: model b: record 1 scores 0.3, want 0.7"},
	}
}

// TestRefusals: whatever is wrong with a second release, the first one stays.
func TestRefusals(t *testing.T) {
	for _, test := range slices.Concat(wrongObjects(), wrongRecords(), wrongAnswers()) {
		t.Run(test.name, func(t *testing.T) {
			s := memstore.New()
			o := options(t, t.TempDir(), s)
			first := publish(t, s, parts{"a": "model a", "b": "model b"})
			mustPull(t, o)
			test.damage(t, s, &o, publish(t, s, parts{"a": "model a", "b": "model b2"}))
			_, err := Run(t.Context(), o)
			wantRefused(t, err, test.want)
			if !strings.HasSuffix(err.Error(), "; local#1 stays active") {
				t.Errorf("error %q does not say what stays", err)
			}
			wantRuns(t, o.Dir, first)
			wantTidy(t, o.Dir, 1)
		})
	}
}

// idle is a chain that skips the known answers.
type idle struct{ chain }

func (idle) Answers(context.Context, string, release.Record) (int, error) { return 0, nil }

func sized(r *release.Record, name string, size int64) {
	r.Artifacts = append([]release.Artifact{}, r.Artifacts...)
	for i := range r.Artifacts {
		if r.Artifacts[i].Name == name {
			r.Artifacts[i].Size = size
		}
	}
}

func payload(t *testing.T, e release.Entry) string {
	t.Helper()
	text, err := release.Encode(e.Record)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func resign(t *testing.T, r release.Record, key *dsse.PrivateKey) []byte {
	t.Helper()
	text, err := release.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	env, err := dsse.Sign(dsse.InToto, text, key)
	if err != nil {
		t.Fatal(err)
	}
	return env
}
