// Package storetest is the suite that every kind of store passes.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/store"
)

// Run tests a kind of store. Each call of open returns a new, empty store.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	tests := []struct {
		name string
		run  func(*testing.T, store.Store)
	}{
		{"Objects", testObjects},
		{"WrongObjects", testWrongObjects},
		{"ObjectReaders", testObjectReaders},
		{"ConcurrentPuts", testConcurrentPuts},
		{"Names", testNames},
		{"WrongNames", testWrongNames},
		{"NamesAndDirectories", testNamesAndDirectories},
		{"DataIsCopied", testDataIsCopied},
		{"Swap", testSwap},
		{"Set", testSet},
		{"List", testList},
		{"TooLarge", testTooLarge},
		{"Cancelled", testCancelled},
		{"CreateRace", testCreateRace},
		{"SwapRace", testSwapRace},
		{"CreateAgainstSwap", testCreateAgainstSwap},
		{"Cache", testCache},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

func testObjects(t *testing.T, s store.Store) {
	for _, data := range []string{"", "x", strings.Repeat("0123456789", 100_000)} {
		d := digest.Of([]byte(data))
		if found, err := s.Has(t.Context(), d); found || err != nil {
			t.Fatalf("Has before Put = %v, %v", found, err)
		}
		_, err := s.Get(t.Context(), d)
		wantIs(t, "Get before Put", err, store.ErrNotExist)
		for range 2 {
			ok(t, "Put", s.Put(t.Context(), d, strings.NewReader(data)))
		}
		if found, err := s.Has(t.Context(), d); !found || err != nil {
			t.Fatalf("Has after Put = %v, %v", found, err)
		}
		if got := get(t, s, d); got != data {
			t.Errorf("Get returned %d bytes, want %d, or others", len(got), len(data))
		}
	}
}

func testWrongObjects(t *testing.T, s store.Store) {
	d := digest.Of([]byte("right"))
	broken := errors.New("broken pipe")
	tests := []struct {
		name string
		r    io.Reader
		want error
	}{
		{"other bytes", strings.NewReader("wrong"), store.ErrCorrupt},
		{"too few", strings.NewReader("righ"), store.ErrCorrupt},
		{"too many", strings.NewReader("right!"), store.ErrCorrupt},
		{"reader fails", io.MultiReader(strings.NewReader("right"), failing{broken}), broken},
	}
	for _, test := range tests {
		err := s.Put(t.Context(), d, test.r)
		wantIs(t, test.name, err, test.want)
		if errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: blames the store: %v", test.name, err)
		}
		if found, err := s.Has(t.Context(), d); found || err != nil {
			t.Errorf("%s: Has = %v, %v", test.name, found, err)
		}
	}
	ok(t, "Put", s.Put(t.Context(), d, strings.NewReader("right")))
}

func testObjectReaders(t *testing.T, s store.Store) {
	d := put(t, s, "read twice")
	a, err := s.Get(t.Context(), d)
	ok(t, "Get", err)
	if got := get(t, s, d); got != "read twice" {
		t.Errorf("second reader got %q", got)
	}
	// A reader that stops early closes without an error.
	if _, err := a.Read(make([]byte, 4)); err != nil {
		t.Error(err)
	}
	ok(t, "Close", a.Close())
	ok(t, "Put of what is there", s.Put(t.Context(), d, failing{errors.New("must not be read")}))
}

func testConcurrentPuts(t *testing.T, s store.Store) {
	data := strings.Repeat("many writers, one object. ", 10_000)
	d := digest.Of([]byte(data))
	errs := inParallel(16, func(int) error { return s.Put(t.Context(), d, strings.NewReader(data)) })
	ok(t, "Put", errors.Join(errs...))
	if get(t, s, d) != data {
		t.Error("object has other bytes")
	}
}

func testNames(t *testing.T, s store.Store) {
	_, err := s.Read(t.Context(), "log/local/1")
	wantIs(t, "Read before Create", err, store.ErrNotExist)
	ok(t, "Create", s.Create(t.Context(), "log/local/1", []byte("one")))
	wantIs(t, "second Create", s.Create(t.Context(), "log/local/1", []byte("two")), store.ErrExist)
	wantIs(t, "equal Create", s.Create(t.Context(), "log/local/1", []byte("one")), store.ErrExist)
	wantRead(t, s, "log/local/1", "one")
	ok(t, "Create of nothing", s.Create(t.Context(), "empty", nil))
	wantRead(t, s, "empty", "")
	_, err = s.Read(t.Context(), "log/local")
	wantIs(t, "Read of a directory", err, store.ErrNotExist)
	_, err = s.Read(t.Context(), "log/local/1/more")
	wantIs(t, "Read below a name", err, store.ErrNotExist)
}

func testWrongNames(t *testing.T, s store.Store) {
	long := strings.Repeat("a", 255)
	good := []string{"a", "A-1_b.c", "..a", long, "b/" + long + "/" + long + "/" + long}
	for _, name := range good {
		ok(t, "Create", s.Create(t.Context(), name, nil))
	}
	bad := []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/.", "a b", "a\x00b", "a\\b", "ä", "a\n", "+tmp",
		"objects", "objects/sha256/ab", long + "a", strings.Repeat("a/", 512) + "a", "\xff",
	}
	for _, name := range bad {
		_, err := s.Read(t.Context(), name)
		wantNameError(t, "Read", name, err)
		wantNameError(t, "Create", name, s.Create(t.Context(), name, nil))
		wantNameError(t, "Swap", name, s.Swap(t.Context(), name, digest.Digest{}, nil))
		wantNameError(t, "Set", name, s.Set(t.Context(), name, nil))
	}
	for _, prefix := range []string{"/", "../", "a/../", "a//", "+", "objects/", "a b"} {
		_, err := s.List(t.Context(), prefix)
		wantNameError(t, "List", prefix, err)
	}
}

func testNamesAndDirectories(t *testing.T, s store.Store) {
	ok(t, "Create", s.Create(t.Context(), "a/b", []byte("b")))
	wantNameError(t, "Create", "a", s.Create(t.Context(), "a", nil))
	wantNameError(t, "Create", "a/b/c", s.Create(t.Context(), "a/b/c", nil))
	wantNameError(t, "Swap", "a", s.Swap(t.Context(), "a", digest.Digest{}, nil))
	wantNameError(t, "Set", "a", s.Set(t.Context(), "a", nil))
	wantRead(t, s, "a/b", "b")
}

func testDataIsCopied(t *testing.T, s store.Store) {
	data := []byte("mine")
	ok(t, "Create", s.Create(t.Context(), "n", data))
	data[0] = 'x'
	wantRead(t, s, "n", "mine")
	got, err := s.Read(t.Context(), "n")
	ok(t, "Read", err)
	got[0] = 'x'
	wantRead(t, s, "n", "mine")
}

func testSwap(t *testing.T, s store.Store) {
	one, two := digest.Of([]byte("one")), digest.Of([]byte("two"))
	wantIs(t, "Swap of nothing", s.Swap(t.Context(), "ref", one, []byte("two")), store.ErrConflict)
	ok(t, "first Swap", s.Swap(t.Context(), "ref", digest.Digest{}, []byte("one")))
	wantIs(t, "first Swap again", s.Swap(t.Context(), "ref", digest.Digest{}, []byte("two")), store.ErrConflict)
	wantIs(t, "Swap of another", s.Swap(t.Context(), "ref", two, []byte("two")), store.ErrConflict)
	wantRead(t, s, "ref", "one")
	ok(t, "Swap", s.Swap(t.Context(), "ref", one, []byte("two")))
	wantRead(t, s, "ref", "two")
	wantIs(t, "stale Swap", s.Swap(t.Context(), "ref", one, []byte("three")), store.ErrConflict)
	ok(t, "Swap back", s.Swap(t.Context(), "ref", two, []byte("one")))
	wantIs(t, "Create of a swapped name", s.Create(t.Context(), "ref", nil), store.ErrExist)
}

func testList(t *testing.T, s store.Store) {
	put(t, s, "objects are not names")
	all := []string{"a-b", "a/b", "a/c/d", "ab/c", "log/x.y/0000000001", "log/x.y/0000000010", "log/x/1", "z"}
	for _, i := range []int{5, 0, 7, 2, 1, 6, 4, 3} {
		ok(t, "Create", s.Create(t.Context(), all[i], nil))
	}
	tests := []struct {
		prefix string
		want   []string
	}{
		{"", all},
		{"a", all[:4]},
		{"a/", all[1:3]},
		{"a/c", all[2:3]},
		{"a/c/d", all[2:3]},
		{"a/c/d/", nil},
		{"log/x", all[4:7]},
		{"log/x/", all[6:7]},
		{"log/x.y/000000000", all[4:5]},
		{"no", nil},
		{"no/such/", nil},
		{"obj", nil},
		{"a/..", nil},
		{".", nil},
	}
	for _, test := range tests {
		got, err := s.List(t.Context(), test.prefix)
		ok(t, "List "+test.prefix, err)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("List(%q): %s", test.prefix, diff)
		}
	}
}

func testTooLarge(t *testing.T, s store.Store) {
	data := make([]byte, store.MaxNamed+1)
	wantIs(t, "Create", s.Create(t.Context(), "n", data), store.ErrTooLarge)
	wantIs(t, "Swap", s.Swap(t.Context(), "n", digest.Digest{}, data), store.ErrTooLarge)
	wantIs(t, "Set", s.Set(t.Context(), "n", data), store.ErrTooLarge)
	_, err := s.Read(t.Context(), "n")
	wantIs(t, "Read", err, store.ErrNotExist)
}

func testCancelled(t *testing.T, s store.Store) {
	d := put(t, s, "x")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := s.Get(ctx, d)
	wantIs(t, "Get", err, context.Canceled)
	_, err = s.Has(ctx, d)
	wantIs(t, "Has", err, context.Canceled)
	_, err = s.Read(ctx, "n")
	wantIs(t, "Read", err, context.Canceled)
	_, err = s.List(ctx, "")
	wantIs(t, "List", err, context.Canceled)
	wantIs(t, "Put", s.Put(ctx, digest.Of([]byte("y")), strings.NewReader("y")), context.Canceled)
	wantIs(t, "Create", s.Create(ctx, "n", nil), context.Canceled)
	wantIs(t, "Swap", s.Swap(ctx, "n", digest.Digest{}, nil), context.Canceled)
	wantIs(t, "Set", s.Set(ctx, "n", nil), context.Canceled)

	ctx, cancel = context.WithCancel(t.Context())
	data := bytes.Repeat([]byte("0123456789"), 1_000_000)
	err = s.Put(ctx, digest.Of(data), io.MultiReader(bytes.NewReader(data[:1000]), calling{cancel}, bytes.NewReader(data[1000:])))
	wantIs(t, "Put in the middle", err, context.Canceled)
}

func testCreateRace(t *testing.T, s store.Store) {
	for round := range 20 {
		name := fmt.Sprintf("race/%d", round)
		errs := inParallel(16, func(i int) error {
			return s.Create(t.Context(), name, []byte(fmt.Sprint(i)))
		})
		winner := onlyWinner(t, errs, store.ErrExist)
		wantRead(t, s, name, fmt.Sprint(winner))
	}
}

// testSet writes over whatever stands there, at once with others: one of them
// is last, and what comes after them goes on from there.
func testSet(t *testing.T, s store.Store) {
	ok(t, "Set", s.Set(t.Context(), "r/site", []byte("one")))
	wantIs(t, "Create", s.Create(t.Context(), "r/site", nil), store.ErrExist)
	ok(t, "Set again", s.Set(t.Context(), "r/site", []byte("two")))
	ok(t, "Swap of what was set", s.Swap(t.Context(), "r/site", digest.Of([]byte("two")), []byte("three")))
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() { ok(t, "Set", s.Set(t.Context(), "r/site", []byte(fmt.Sprint("by ", i)))) })
	}
	all.Wait()
	got, err := s.Read(t.Context(), "r/site")
	ok(t, "Read", err)
	if len(got) != len("by 0") || !strings.HasPrefix(string(got), "by ") {
		t.Errorf("after eight writers it is %q", got)
	}
	wantIs(t, "Swap of what was there before", s.Swap(t.Context(), "r/site", digest.Of([]byte("three")), nil), store.ErrConflict)
	ok(t, "Swap", s.Swap(t.Context(), "r/site", digest.Of(got), []byte("end")))
}

// testSwapRace counts to 160 in one name, by 16 writers.
func testSwapRace(t *testing.T, s store.Store) {
	ok(t, "Create", s.Create(t.Context(), "count", []byte("0")))
	errs := inParallel(16, func(int) error {
		for n := 0; n < 10; {
			current, err := s.Read(t.Context(), "count")
			if err != nil {
				return err
			}
			var v int
			fmt.Sscan(string(current), &v)
			err = s.Swap(t.Context(), "count", digest.Of(current), []byte(fmt.Sprint(v+1)))
			if err == nil {
				n++
			} else if !errors.Is(err, store.ErrConflict) {
				return err
			}
		}
		return nil
	})
	ok(t, "Swap", errors.Join(errs...))
	wantRead(t, s, "count", "160")
}

func testCreateAgainstSwap(t *testing.T, s store.Store) {
	for round := range 20 {
		name := fmt.Sprintf("both/%d", round)
		errs := inParallel(8, func(i int) error {
			if i%2 == 0 {
				return s.Create(t.Context(), name, []byte(fmt.Sprint(i)))
			}
			err := s.Swap(t.Context(), name, digest.Digest{}, []byte(fmt.Sprint(i)))
			if errors.Is(err, store.ErrConflict) {
				return store.ErrExist
			}
			return err
		})
		winner := onlyWinner(t, errs, store.ErrExist)
		wantRead(t, s, name, fmt.Sprint(winner))
	}
}
