package dsse_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/dsse"
)

// newKey returns a key whose seed is 32 times the first byte of its name.
func newKey(t testing.TB, name string) *dsse.PrivateKey {
	t.Helper()
	k, err := dsse.GenerateKey(name, bytes.NewReader(bytes.Repeat([]byte(name[:1]), 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t testing.TB, payload string, signers ...dsse.Signer) []byte {
	t.Helper()
	e, err := dsse.Sign(dsse.InToto, []byte(payload), signers...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestPAE(t *testing.T) {
	tests := []struct{ name, payloadType, payload, want string }{
		{"the protocol's example", "http://example.com/HelloWorld", "hello world", "DSSEv1 29 http://example.com/HelloWorld 11 hello world"},
		{"lengths count bytes", "tÿpe", "é", "DSSEv1 5 tÿpe 2 é"},
		{"nothing", "", "", "DSSEv1 0  0 "},
		{"spaces cannot move a border", "a 1 b", "c", "DSSEv1 5 a 1 b 1 c"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := string(dsse.PAE(test.payloadType, []byte(test.payload)))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSignGolden(t *testing.T) {
	const want = `{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"keyid":"alice","sig":"SIG"}]}`
	alice := newKey(t, "alice")
	sig := base64.StdEncoding.EncodeToString(alice.Sign([]byte("DSSEv1 28 application/vnd.in-toto+json 2 {}")))
	got := string(sign(t, "{}", alice))
	if diff := cmp.Diff(strings.Replace(want, "SIG", sig, 1), got); diff != "" {
		t.Error(diff)
	}
}

func TestVerify(t *testing.T) {
	alice, bob := newKey(t, "alice"), newKey(t, "bob")
	both := []dsse.Key{alice.Key(), bob.Key()}
	again := dsse.Key{Name: "also alice", Public: alice.Public()}
	tests := []struct {
		name     string
		envelope []byte
		trusted  []dsse.Key
		want     dsse.Verified
	}{
		{"one signature", sign(t, "{}", bob), both, dsse.Verified{Payload: []byte("{}"), Signers: []string{"bob"}}},
		{"two keys", sign(t, "{}", bob, alice), both, dsse.Verified{Payload: []byte("{}"), Signers: []string{"alice", "bob"}}},
		{"one key twice counts once", sign(t, "{}", bob, bob), both, dsse.Verified{Payload: []byte("{}"), Signers: []string{"bob"}}},
		{"one key of two names counts once", sign(t, "{}", alice), []dsse.Key{alice.Key(), again}, dsse.Verified{Payload: []byte("{}"), Signers: []string{"alice"}}},
		{"a stranger beside a trusted key", sign(t, "{}", alice, bob), both[1:], dsse.Verified{Payload: []byte("{}"), Signers: []string{"bob"}}},
		{"empty payload", sign(t, "", alice), both, dsse.Verified{Payload: []byte{}, Signers: []string{"alice"}}},
		{"unknown fields, no key id", edit(t, sign(t, "{}", alice), func(e map[string]any) {
			e["note"] = 1
			delete(first(e), "keyid")
		}), both, dsse.Verified{Payload: []byte("{}"), Signers: []string{"alice"}}},
		{"another's key id decides nothing", edit(t, sign(t, "{}", alice), func(e map[string]any) {
			first(e)["keyid"] = "bob"
		}), both, dsse.Verified{Payload: []byte("{}"), Signers: []string{"alice"}}},
		{"URL-safe base64", edit(t, sign(t, "???>>>", alice), func(e map[string]any) {
			e["payload"] = urlSafe(e["payload"])
			first(e)["sig"] = urlSafe(first(e)["sig"])
		}), both, dsse.Verified{Payload: []byte("???>>>"), Signers: []string{"alice"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := dsse.Verify(test.envelope, dsse.InToto, test.trusted)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	alice, bob := newKey(t, "alice"), newKey(t, "bob")
	good := sign(t, "{}", alice)
	changed := func(change func(e map[string]any)) []byte { return edit(t, good, change) }
	tests := []struct {
		name     string
		envelope []byte
		want     string
	}{
		{"nothing", nil, "not an envelope"},
		{"not JSON", []byte("{"), "not an envelope"},
		{"text behind it", append(bytes.Clone(good), '1'), "not an envelope"},
		{"too large", bytes.Repeat([]byte(" "), dsse.MaxEnvelope+1), "more than"},
		{"no payload", changed(func(e map[string]any) { delete(e, "payload") }), "lacks"},
		{"no signatures", changed(func(e map[string]any) { delete(e, "signatures") }), "lacks"},
		{"empty signatures", changed(func(e map[string]any) { e["signatures"] = []any{} }), "not signed"},
		{"another payload", changed(func(e map[string]any) { e["payload"] = "e30K" }), "not signed"},
		{"another type", changed(func(e map[string]any) { e["payloadType"] = "text/plain" }), "payload type"},
		{"payload not base64", changed(func(e map[string]any) { e["payload"] = "!" }), "not base64"},
		{"signature not base64", changed(func(e map[string]any) { first(e)["sig"] = "!" }), "not base64"},
		{"signature without text", changed(func(e map[string]any) { delete(first(e), "sig") }), "not signed"},
		{"signature cut short", changed(func(e map[string]any) { first(e)["sig"] = "AAAA" }), "not signed"},
		{"a stranger's", sign(t, "{}", bob), "not signed"},
		{"17 signatures", changed(func(e map[string]any) {
			e["signatures"] = slicesRepeat(first(e), dsse.MaxSignatures+1)
		}), "more than 16"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := dsse.Verify(test.envelope, dsse.InToto, []dsse.Key{alice.Key()})
			var refused *dsse.Error
			if !errors.As(err, &refused) || !strings.Contains(refused.Reason, test.want) {
				t.Errorf("error %v, want an Error with %q", err, test.want)
			}
			if got.Payload != nil {
				t.Error("a refused payload was returned")
			}
		})
	}
}

func TestVerifyNeedsWholeKeys(t *testing.T) {
	alice := newKey(t, "alice")
	for _, trusted := range [][]dsse.Key{nil, {{Name: "short", Public: alice.Public()[:31]}}, {{Name: "none"}}} {
		if _, err := dsse.Verify(sign(t, "{}", alice), dsse.InToto, trusted); err == nil {
			t.Errorf("trusted %v: accepted", trusted)
		}
	}
}

func TestSignRefuses(t *testing.T) {
	alice := newKey(t, "alice")
	tests := []struct {
		name        string
		payloadType string
		signers     []dsse.Signer
	}{
		{"no signer", dsse.InToto, nil},
		{"no type", "", []dsse.Signer{alice}},
		{"17 signers", dsse.InToto, slicesRepeat[dsse.Signer](alice, 17)},
		{"a signer that signs wrong", dsse.InToto, []dsse.Signer{badSigner{alice}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if e, err := dsse.Sign(test.payloadType, nil, test.signers...); err == nil {
				t.Errorf("signed: %s", e)
			}
		})
	}
}

type badSigner struct{ *dsse.PrivateKey }

func (b badSigner) Sign(data []byte) []byte { return b.PrivateKey.Sign(append(data, 0)) }

// TestEveryFlippedByte: whichever byte of an envelope changes, what verifies
// is the payload that was signed.
func TestEveryFlippedByte(t *testing.T) {
	alice := newKey(t, "alice")
	good := sign(t, `{"n":1}`, alice)
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		v, err := dsse.Verify(bad, dsse.InToto, []dsse.Key{alice.Key()})
		if err == nil && string(v.Payload) != `{"n":1}` {
			t.Fatalf("byte %d: verified payload %q", i, v.Payload)
		}
	}
}

func FuzzVerify(f *testing.F) {
	alice := newKey(f, "alice")
	f.Add(sign(f, "{}", alice))
	f.Add([]byte(`{"payload":"","payloadType":"application/vnd.in-toto+json","signatures":[null,{"sig":"-_=="}]}`))
	f.Fuzz(func(t *testing.T, envelope []byte) {
		v, err := dsse.Verify(envelope, dsse.InToto, []dsse.Key{alice.Key()})
		if err == nil && string(v.Payload) != "{}" {
			t.Errorf("verified %q, which nobody signed", v.Payload)
		}
		dsse.Unverified(envelope, dsse.InToto)
	})
}

func edit(t testing.TB, envelope []byte, change func(map[string]any)) []byte {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal(envelope, &e); err != nil {
		t.Fatal(err)
	}
	change(e)
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func first(e map[string]any) map[string]any {
	return e["signatures"].([]any)[0].(map[string]any)
}

func urlSafe(text any) string {
	b, err := base64.StdEncoding.DecodeString(fmt.Sprint(text))
	if err != nil {
		panic(err)
	}
	return base64.URLEncoding.EncodeToString(b)
}

func slicesRepeat[T any](v T, n int) []T {
	s := make([]T, n)
	for i := range s {
		s[i] = v
	}
	return s
}

func TestClaims(t *testing.T) {
	sealed, err := dsse.Sign("x", []byte("y"), newKey(t, "alice"), newKey(t, "bob"))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		string(sealed):      "alice bob",
		`{"signatures":[]}`: "", `{}`: "", `[`: "", "": "",
		`{"signatures":[{"keyid":"` + strings.Repeat("x", 200) + `"}]}`: strings.Repeat("x", 100),
	}
	for envelope, want := range tests {
		if got := strings.Join(dsse.Claims([]byte(envelope)), " "); got != want {
			t.Errorf("Claims(%.60q) = %q, want %q", envelope, got, want)
		}
	}
}
