package digest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

// abc is the digest of "abc" in the examples of FIPS 180-2.
const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

func TestOf(t *testing.T) {
	d := Of([]byte("abc"))
	if d.Hex() != abc || d.String() != "sha256:"+abc || d.Short() != "ba7816bf" {
		t.Errorf("got %s, %s, %s", d.Hex(), d, d.Short())
	}
	if d.IsZero() || !(Digest{}).IsZero() {
		t.Error("IsZero is wrong")
	}
}

func TestOfReader(t *testing.T) {
	d, n, err := OfReader(iotest.OneByteReader(strings.NewReader("abc")))
	if err != nil || n != 3 || d.Hex() != abc {
		t.Errorf("got %s, %d, %v", d, n, err)
	}
	broken := errors.New("broken")
	if d, _, err := OfReader(iotest.ErrReader(broken)); !errors.Is(err, broken) || !d.IsZero() {
		t.Errorf("got %s, %v", d, err)
	}
}

func TestCompare(t *testing.T) {
	low, high := sample(0x7f), sample(0x80) // bytes count without a sign
	if low.Compare(high) >= 0 || high.Compare(low) <= 0 || low.Compare(low) != 0 {
		t.Error("the order is not that of bytes")
	}
}

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		ok         bool
	}{
		{"good", "sha256:" + abc, true},
		{"zero", Digest{}.String(), true},
		{"empty", "", false},
		{"no prefix", abc, false},
		{"other algorithm", "sha512:" + abc, false},
		{"upper case", "sha256:" + strings.ToUpper(abc), false},
		{"one upper-case digit", "sha256:B" + abc[1:], false},
		{"upper-case prefix", "SHA256:" + abc, false},
		{"short", "sha256:" + abc[1:], false},
		{"long", "sha256:" + abc + "0", false},
		{"not hexadecimal", "sha256:g" + abc[1:], false},
		{"blank in front", " sha256:" + abc, false},
		{"line end", "sha256:" + abc + "\n", false},
		{"prefix twice", "sha256:sha256:" + abc[7:], false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Parse(tt.text)
			if (err == nil) != tt.ok {
				t.Fatalf("error %v", err)
			}
			if tt.ok && d.String() != tt.text || !tt.ok && !d.IsZero() {
				t.Errorf("got %s", d)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	type object struct {
		D Digest `json:"d"`
		Z Digest `json:"z,omitzero"`
	}
	text, err := json.Marshal(object{D: Of([]byte("abc"))})
	if err != nil || string(text) != `{"d":"sha256:`+abc+`"}` {
		t.Fatalf("got %s, %v", text, err)
	}
	var back object
	if err := json.Unmarshal(text, &back); err != nil || back.D != Of([]byte("abc")) || !back.Z.IsZero() {
		t.Errorf("got %v, %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"d":"abc"}`), &back); err == nil {
		t.Error("no error for a text that is no digest")
	}
}

// One value has one text: what Parse accepts is what String gives.
func FuzzParse(f *testing.F) {
	f.Add("sha256:" + abc)
	f.Add("sha256:" + strings.ToUpper(abc))
	f.Add("sha256:K" + abc[3:])
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := Parse(s); err == nil && d.String() != s {
			t.Errorf("%q is read as %s", s, d)
		}
	})
}
