package score

import (
	"context"
	"fmt"
	"maps"
	"math"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// IncompleteError says that logs do not have all records of an alert's row.
type IncompleteError struct {
	Alert      alert.Alert
	Have, Want int64
}

// Error gives both numbers.
func (e *IncompleteError) Error() string {
	if e.Have == e.Want {
		return fmt.Sprintf("alert %s: the %d records of its window in the log are not those that it begins with", e.Alert.Short(), e.Have)
	}
	return fmt.Sprintf("alert %s has %d records; the log has %d of its window", e.Alert.Short(), e.Want, e.Have)
}

// Hint says which logs are needed.
func (e *IncompleteError) Hint() string {
	return "give every log that was scored and reaches into the window, in the same order: --log a.log --log b.log"
}

// Scored are logs that a model scored.
type Scored struct {
	DB   *duckdb.DB
	Set  *compile.FeatureSet // the model's
	Logs []Segment           // in their order
}

// Whole returns all records of an alert's row out of the logs: those of its key
// and window, in order, under their headers. Where they are not as many as the
// alert says, or begin with others, that is an [IncompleteError].
func (l Scored) Whole(ctx context.Context, a alert.Alert) ([]alert.Segment, error) {
	set := l.Set
	conn, err := l.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	s := newSession(conn, set.From, set.Fields(nil, nil))
	if err := s.parse(ctx, l.Logs, 0); err != nil {
		return nil, err
	}
	if err := s.finish(ctx, 0); err != nil {
		return nil, err
	}
	relation := set.Relation(parsedTable, nil)
	relation.Texts = math.MaxInt32
	if err := s.tabulate(ctx, relation, ""); err != nil {
		return nil, err
	}
	reader := &rowReader{session: s, set: set, names: make([]string, len(l.Logs))}
	where := ""
	if a.Row.Start != nil {
		where = fmt.Sprintf(" WHERE epoch_us(%s) = %d", sql.Quote(sql.WindowStart), a.Row.Start.UnixMicro())
	}
	miss := &IncompleteError{Alert: a, Want: a.RecordCount}
	var out []alert.Segment
	err = conn.Query(ctx, reader.query(where), func(row []any) error {
		r, err := reader.read(row)
		if err != nil || !sameKey(r.row.Key, a.Row.Key) {
			return err
		}
		miss.Have = r.count
		whole := a
		whole.Headers, whole.Records = r.headers, r.texts
		if segments := whole.Segments(); a.IsWhole(segments) {
			out = segments
		}
		return nil
	})
	if err == nil && out == nil {
		err = miss
	}
	return out, err
}

func sameKey(a, b map[string]any) bool {
	return maps.EqualFunc(a, b, func(x, y any) bool {
		kind, text := alert.KeyText(x)
		kind2, text2 := alert.KeyText(y)
		return kind == kind2 && text == text2
	})
}
