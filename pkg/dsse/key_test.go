package dsse_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/dsse"
)

// TestRFC8032 holds the key of the first test of RFC 8032, section 7.1.
func TestRFC8032(t *testing.T) {
	seed, err := hex.DecodeString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
	if err != nil {
		t.Fatal(err)
	}
	k, err := dsse.GenerateKey("rfc", strings.NewReader(string(seed)))
	if err != nil {
		t.Fatal(err)
	}
	const want = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
	if diff := cmp.Diff(want, hex.EncodeToString(k.Public())); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", dsse.FormatPublic(k.Public())); diff != "" {
		t.Error(diff)
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.pem")
	k := newKey(t, "alice")
	if err := k.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	got, err := dsse.ReadPrivateKey("alice", path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(k.Sign([]byte("x")), got.Sign([]byte("x"))); diff != "" {
		t.Error(diff)
	}
	if err := newKey(t, "bob").WriteFile(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second write: %v, want fs.ErrExist", err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("files left: %v", entries)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	var mode *dsse.ModeError
	if _, err := dsse.ReadPrivateKey("alice", path); !errors.As(err, &mode) || !strings.Contains(mode.Hint(), path) {
		t.Errorf("group may read: %v, want a ModeError", err)
	}
}

func TestKeyFileMissing(t *testing.T) {
	if _, err := dsse.ReadPrivateKey("x", filepath.Join(t.TempDir(), "no")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}

func TestParsePrivateKeyRefuses(t *testing.T) {
	good, err := newKey(t, "alice").PEM()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, text string }{
		{"nothing", ""},
		{"two keys", string(good) + string(good)},
		{"another type of block", strings.ReplaceAll(string(good), "PRIVATE", "PUBLIC")},
		{"not PKCS #8", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := dsse.ParsePrivateKey("k", []byte(test.text))
			if err == nil {
				t.Fatal("accepted")
			}
			if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "c2Vj") {
				t.Errorf("error carries the key's text: %v", err)
			}
		})
	}
}

func TestKeyIsNotPrinted(t *testing.T) {
	k := newKey(t, "alice")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, k); got != "private key alice" {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}

func TestParsePublic(t *testing.T) {
	text := dsse.FormatPublic(newKey(t, "alice").Public())
	got, err := dsse.ParsePublic(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, dsse.FormatPublic(got)); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"", "ed25519:", text[8:], text[:len(text)-4], text + "A", text + "\n", "ED25519:" + text[8:]} {
		if _, err := dsse.ParsePublic(bad); err == nil {
			t.Errorf("%q: accepted", bad)
		}
	}
}
