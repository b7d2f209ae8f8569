package digest

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample returns a digest that is easy to tell from others in hexadecimal.
func sample(b byte) Digest {
	var d Digest
	for i := range d {
		d[i] = b
	}
	return d
}

// The encoding is pinned byte by byte: whatever changes here makes every key
// and every stored column of every project stale.
func TestEncoding(t *testing.T) {
	eleven, twentyTwo := sample(0x11), sample(0x22)
	hexOf := func(d Digest) string { return hex.EncodeToString(d[:]) }
	for _, tt := range []struct {
		name string
		c    *Canon
		want string // behind version, kind "k" and name "n"
	}{
		{"text", New("k").String("n", "ab"), "73" + "02" + "6162"},
		{"empty text", New("k").String("n", ""), "73" + "00"},
		{"text beyond ASCII", New("k").String("n", "é"), "73" + "02" + "c3a9"},
		{"bytes", New("k").Bytes("n", []byte{0, 255}), "62" + "02" + "00ff"},
		{"digest", New("k").Digest("n", eleven), "64" + "20" + hexOf(eleven)},
		{"no digest", New("k").Digest("n", Digest{}), "64" + "20" + hexOf(Digest{})},
		{"integer", New("k").Int("n", 258), "69" + "08" + "0000000000000102"},
		{"negative integer", New("k").Int("n", -1), "69" + "08" + "ffffffffffffffff"},
		{"true", New("k").Bool("n", true), "74" + "01" + "01"},
		{"false", New("k").Bool("n", false), "74" + "01" + "00"},
		{"double", New("k").Float("n", 1.5), "66" + "08" + "3ff8000000000000"},
		{"negative zero", New("k").Float("n", math.Copysign(0, -1)), "66" + "08" + "8000000000000000"},
		{"not a number", New("k").Float("n", math.Float64frombits(0xfff8000000000123)), "66" + "08" + "7ff8000000000001"},
		{"texts", New("k").Strings("n", []string{"a", ""}), "6c" + "08" + "0000000000000002" + "0161" + "00"},
		{"no texts", New("k").Strings("n", nil), "6c" + "08" + "0000000000000000"},
		{"digests", New("k").Digests("n", []Digest{twentyTwo, eleven}), "6d" + "08" + "0000000000000002" + hexOf(twentyTwo) + hexOf(eleven)},
		{"set of digests", New("k").DigestSet("n", []Digest{twentyTwo, eleven}), "6d" + "08" + "0000000000000002" + hexOf(eleven) + hexOf(twentyTwo)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := "01" + "016b" + "016e" + tt.want
			if diff := cmp.Diff(want, hex.EncodeToString(tt.c.Encoding())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// One golden digest over every kind of part.
func TestSum(t *testing.T) {
	c := New("everything").String("s", "text").Bytes("b", []byte("bytes")).Digest("d", sample(1)).Int("i", 42).Bool("t", true).
		Float("f", 0.1).Strings("l", []string{"x", "y"}).Digests("m", []Digest{sample(2)}).DigestSet("set", []Digest{sample(4), sample(3)})
	if got, want := c.Sum(), Of(c.Encoding()); got != want {
		t.Errorf("sum %s is not the digest of the encoding, %s", got, want)
	}
	if got, want := c.Sum().String(), goldenSum; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := New("").Sum().String(); got != goldenEmpty {
		t.Errorf("got %s, want %s", got, goldenEmpty)
	}
}

const (
	goldenSum   = "sha256:6d125e5b727c52bf114df03fe4ec7f408b2bc2651220d3b9f882396232ac27ac"
	goldenEmpty = "sha256:47dc540c94ceb704a23875c11273e16bb0b8a87aed84de911f2133568115f254"
)

// A long text is written behind its length as a varint of several bytes.
func TestLongText(t *testing.T) {
	text := bytes.Repeat([]byte("x"), 300)
	want := append([]byte{1, 1, 'k', 1, 'n', 's', 0xac, 0x02}, text...)
	if diff := cmp.Diff(want, New("k").String("n", string(text)).Encoding()); diff != "" {
		t.Error(diff)
	}
}

// What New returns is extended in place; what Encoding returned stays.
func TestEncodingIsACopy(t *testing.T) {
	c := New("k").String("a", "1")
	before := c.Encoding()
	kept := bytes.Clone(before)
	c.String("b", "2")
	before[0] = 9
	if c.Encoding()[0] != version || !bytes.Equal(before[1:], kept[1:]) {
		t.Error("the encoding is shared with its caller")
	}
	unsorted := []Digest{sample(2), sample(1)}
	New("k").DigestSet("n", unsorted)
	if unsorted[0] != sample(2) {
		t.Error("DigestSet sorts its caller's digests")
	}
}

// How often a digest occurs in a set matters, and in which order does not.
func TestDigestSet(t *testing.T) {
	a, b := sample(1), sample(2)
	sum := func(v ...Digest) Digest { return New("k").DigestSet("n", v).Sum() }
	if sum(a, b, a) != sum(a, a, b) {
		t.Error("the order of a set matters")
	}
	if sum(a, b) == sum(a, a, b) || sum(a) == sum(a, a) {
		t.Error("repetitions do not count")
	}
}

// Sequences of parts that would be one text if lengths, tags or names were
// not written.
func TestDomains(t *testing.T) {
	seen := map[Digest]string{}
	for _, tt := range []struct {
		name string
		c    *Canon
	}{
		{"nothing", New("k")},
		{"another kind", New("kn")},
		{"one part", New("k").String("n", "ab")},
		{"cut elsewhere", New("k").String("na", "b")},
		{"two parts", New("k").String("n", "a").String("n", "b")},
		{"bytes", New("k").Bytes("n", []byte("ab"))},
		{"a list of one", New("k").Strings("n", []string{"ab"})},
		{"a list of two", New("k").Strings("n", []string{"a", "b"})},
		{"a list with an end", New("k").Strings("n", []string{"ab", ""})},
		{"two lists", New("k").Strings("n", []string{"a"}).Strings("n", []string{"b"})},
		{"an integer", New("k").Int("n", 1)},
		{"a truth value", New("k").Bool("n", true)},
		{"a double", New("k").Float("n", 1)},
		{"eight bytes", New("k").Bytes("n", []byte{0, 0, 0, 0, 0, 0, 0, 1})},
		{"a digest", New("k").Digest("n", sample(1))},
		{"a list of a digest", New("k").Digests("n", []Digest{sample(1)})},
		{"32 bytes", New("k").Bytes("n", bytes.Repeat([]byte{1}, 32))},
		{"an imitated part", New("k").String("n", "ab\x01ns\x01c")},
		{"the part", New("k").String("n", "ab").String("n", "c")},
	} {
		sum := tt.c.Sum()
		if other, ok := seen[sum]; ok {
			t.Errorf("%s and %s have one encoding", tt.name, other)
		}
		seen[sum] = tt.name
	}
}

// part is a part as the fuzzer writes it: comparable as text.
type part struct {
	tag  byte
	name string
	text string // the value, in a form that is different for different values
}

// parts reads bytes as a sequence of parts and adds them to c.
func parts(c *Canon, script []byte) []part {
	next := func() []byte {
		if len(script) == 0 {
			return nil
		}
		n := min(int(script[0])%6, len(script)-1)
		out := script[1 : 1+n]
		script = script[1+n:]
		return out
	}
	var out []part
	for len(script) > 0 {
		tag := script[0] % 7
		script = script[1:]
		name := string(next())
		value := next()
		switch tag {
		case 0:
			c.String(name, string(value))
		case 1:
			c.Bytes(name, value)
		case 2:
			c.Digest(name, Of(value))
		case 3:
			c.Int(name, int64(len(value)))
			value = fmt.Append(nil, len(value))
		case 4:
			c.Bool(name, len(value) > 2)
			value = fmt.Append(nil, len(value) > 2)
		case 5:
			list := []string{string(value), string(next())}
			c.Strings(name, list)
			value = fmt.Appendf(nil, "%q", list)
		case 6:
			list := []Digest{Of(value), Of(next())}
			c.Digests(name, list)
			value = fmt.Append(nil, list)
		}
		out = append(out, part{tag, name, string(value)})
	}
	return out
}

// Two sequences have one encoding exactly where they are one sequence.
func FuzzInjective(f *testing.F) {
	f.Add("k", []byte("\x00\x01n\x02ab"), "k", []byte("\x00\x02na\x01b"))
	f.Add("k", []byte{0, 1, 'n', 0}, "kn", []byte{})
	f.Add("a", []byte{5, 1, 'n', 1, 'x', 1, 'y'}, "a", []byte{5, 1, 'n', 2, 'x', 'y', 0})
	f.Fuzz(func(t *testing.T, kind1 string, script1 []byte, kind2 string, script2 []byte) {
		a, b := New(kind1), New(kind2)
		p, q := parts(a, script1), parts(b, script2)
		same := kind1 == kind2 && cmp.Equal(p, q, cmp.AllowUnexported(part{}))
		if equal := bytes.Equal(a.Encoding(), b.Encoding()); equal != same {
			t.Errorf("encodings equal: %v, sequences equal: %v\n%q\n%q", equal, same, p, q)
		}
	})
}
