package score

import (
	"errors"
	"slices"
	"testing"

	"github.com/mlpdev/mlp/pkg/alert"
)

// TestWhole takes the records of a window that an alert does not carry from the
// logs that it was raised on.
func TestWhole(t *testing.T) {
	b := newBench(t)
	var burst, other []record
	for i := range 15 {
		burst = append(burst, at(i, "a"))
		other = append(other, at(i, "b"))
	}
	plain, labelled := layouts()[0], layouts()[1]
	first, second := plain.log(slices.Concat(burst, other)), labelled.log(burst)
	chains := b.chains(t, windows())
	got := b.run(t, Options{Chains: chains, Final: true, Segments: segments(first, second)})
	i := slices.IndexFunc(got.alerts, func(a alert.Alert) bool { return a.Row.Key["src"] == "a" })
	if i < 0 || got.alerts[i].RecordCount != 30 || len(got.alerts[i].Records) != alert.MaxRecords {
		t.Fatalf("no alert of 30 records: %s", got.text)
	}
	a := got.alerts[i]
	if err := a.Check(); err != nil {
		t.Error(err)
	}
	if len(a.Headers) != 2 || a.Headers[0].From != 0 || a.Headers[1].From != 15 {
		t.Errorf("headers %v, want two", a.Headers)
	}
	set := chains[0].FeatureSet
	whole, err := Scored{DB: b.db, Set: set, Logs: segments(first, second)}.Whole(t.Context(), a)
	must(t, err)
	if len(whole) != 2 || len(whole[0].Records) != 15 || len(whole[1].Records) != 15 || whole[1].Header != a.Headers[1].Header {
		t.Errorf("got %v", whole)
	}
	for name, test := range map[string]struct {
		logs []string
		have int64
	}{
		"a log is missing":           {[]string{first}, 15},
		"another order":              {[]string{second, first}, 30},
		"a log too many":             {[]string{first, second, second}, 45},
		"other records, as many":     {[]string{plain.log(slices.Concat(burst, other, burst))}, 30},
		"nothing of that window":     {[]string{plain.log(other)}, 0},
		"a line was changed in them": {[]string{plain.log(slices.Concat([]record{at(20, "a")}, burst[1:])), second}, 30},
	} {
		_, err := Scored{DB: b.db, Set: set, Logs: segments(test.logs...)}.Whole(t.Context(), a)
		var incomplete *IncompleteError
		if !errors.As(err, &incomplete) || incomplete.Have != test.have {
			t.Errorf("%s: got %v, want %d records", name, err, test.have)
		}
	}
}
