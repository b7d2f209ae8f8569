package receipt

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/release"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/memstore"
)

var noon = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

func sample(number int64, seen time.Time) Receipt {
	return Receipt{FormatVersion: 1, Repository: "p", Environment: "lab", Site: "east-1", Channel: "local",
		Release: release.Ref{Number: number, Digest: digest.Of([]byte{byte(number)})}, Models: []string{"m"}, Activated: noon, Seen: seen, MLP: "1.0"}
}

// counting counts the writes to a store, and refuses to be asked.
type counting struct {
	store.Store
	writes int
}

func (c *counting) Set(ctx context.Context, name string, data []byte) error {
	c.writes++
	return c.Store.Set(ctx, name, data)
}

func (c *counting) Read(context.Context, string) ([]byte, error) {
	return nil, errors.New("a receipt is written without a look")
}

func TestWrite(t *testing.T) {
	ctx, inner := context.Background(), memstore.New()
	s := &counting{Store: inner}
	var last []byte
	for _, tt := range []struct {
		name   string
		r      Receipt
		writes int
		want   Receipt
	}{
		{"the first", sample(1, noon), 1, sample(1, noon)},
		{"the same, soon", sample(1, noon.Add(59*time.Minute)), 1, sample(1, noon)},
		{"the same, later", sample(1, noon.Add(time.Hour)), 2, sample(1, noon.Add(time.Hour))},
		{"another release", sample(2, noon.Add(time.Hour)), 3, sample(2, noon.Add(time.Hour))},
		{"a clock that was ahead", sample(2, noon), 4, sample(2, noon)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var err error
			if last, err = Write(ctx, s, tt.r, last); err != nil {
				t.Fatal(err)
			}
			got, bad, err := List(ctx, inner)
			if err != nil || len(bad) > 0 {
				t.Fatal(err, bad)
			}
			if diff := cmp.Diff([]Receipt{tt.want}, got); diff != "" || s.writes != tt.writes {
				t.Errorf("%d writes, want %d\n%s", s.writes, tt.writes, diff)
			}
		})
	}
}

func TestName(t *testing.T) {
	for _, tt := range []struct{ environment, site string }{{"lab", ""}, {"", "x"}, {"lab", "a/b"}, {"lab/x", "a"}, {"lab", ".."}, {"lab", "ä"}} {
		if name, err := Name(tt.environment, tt.site); err == nil {
			t.Errorf("%q, %q: got %s", tt.environment, tt.site, name)
		}
	}
	if name, err := Name("lab", "East-1.corp"); err != nil || name != "receipts/lab/East-1.corp" {
		t.Errorf("%q %v", name, err)
	}
}

func TestListUnreadable(t *testing.T) {
	ctx, s := context.Background(), memstore.New()
	for name, text := range map[string]string{"receipts/lab/a": "{", "receipts/lab/b": `{"format_version":2}`,
		"receipts/lab/c": `{"format_version":1,"environment":"lab","site":"d"}`, "receipts/lab/d": `{"format_version":1,"environment":"lab","site":"d"}`,
		"receipts/lab/e/f": `{"format_version":1,"environment":"lab","site":"e/f"}`, "log/x": "{"} {
		if err := s.Create(ctx, name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	got, bad, err := List(ctx, s)
	if err != nil || len(got) != 1 || got[0].Site != "d" {
		t.Errorf("%v %+v", err, got)
	}
	var names []string
	for _, u := range bad {
		names = append(names, u.Name)
	}
	if diff := cmp.Diff([]string{"receipts/lab/a", "receipts/lab/b", "receipts/lab/c", "receipts/lab/e/f"}, names); diff != "" {
		t.Error(diff, bad)
	}
}
