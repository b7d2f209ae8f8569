package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"strings"

	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/run"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/store/filestore"
)

// tolerance is how far sums of floating-point numbers may differ, by their size.
const tolerance = 1e-9

// same reports peers that did not make what the first one did.
func (p *project) same(ctx context.Context, dir string, peers []peer, made []outcome) error {
	db, err := duckdb.Open(ctx, duckdb.Options{Threads: 2, Dirs: []string{dir}})
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, s := range p.steps() {
		var first sums
		for i, x := range peers {
			from, counts := tables(filepath.Join(dir, x.name), s), made[i].counts[s.Frame.Parser.Name]
			if x.name != byHand {
				if from, counts, err = p.stored(ctx, filepath.Join(dir, x.name, "store"), s); err != nil {
					return err
				}
			}
			got, err := sumsOf(ctx, conn, from, s)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", x.name, s.Target, err)
			}
			if got.rows == 0 {
				return fmt.Errorf("%s: %s has no rows", x.name, s.Target)
			}
			if s.Kind == plan.Parse {
				got.counts = counts
			}
			if i == 0 {
				first = got
			} else if err := first.differ(got); err != nil {
				return fmt.Errorf("%s: %s and %s: %w", s.Target, peers[0].name, x.name, err)
			}
		}
	}
	return nil
}

// tables returns what the job by hand wrote of a step.
func tables(dir string, s plan.Step) string {
	name := s.Frame.Parser.Name
	if s.Frame.FeatureSet != nil {
		name = s.Frame.FeatureSet.Name
	}
	return "read_parquet(" + sql.Text(filepath.Join(dir, name, "*.parquet")) + ")"
}

// stored returns what mlp stored of a step, and what it counted.
func (p *project) stored(ctx context.Context, dir string, s plan.Step) (string, map[string]int64, error) {
	at, err := filestore.Open(dir)
	if err != nil {
		return "", nil, err
	}
	index := run.NewIndex(at, p.key, nil)
	frame, err := index.Frame(ctx, s.Key)
	if err != nil || frame == nil {
		return "", nil, fmt.Errorf("%s is not stored: %w", s.Target, err)
	}
	column, err := index.Column(ctx, s.Fields[0].Key)
	if err != nil || column == nil {
		return "", nil, fmt.Errorf("%s has no columns: %w", s.Target, err)
	}
	var rows, values []string
	for i, part := range frame.Parts {
		rows = append(rows, sql.Text(at.Path(part.RowFile)))
		values = append(values, sql.Text(at.Path(column.Files[i])))
	}
	counts := map[string]int64{}
	if frame.Counts != nil {
		maps.Copy(counts, frame.Counts.Rejects)
		counts["rows"] = frame.Rows
	}
	return "(SELECT * FROM read_parquet([" + strings.Join(rows, ", ") + "]) POSITIONAL JOIN read_parquet([" + strings.Join(values, ", ") + "]))", counts, nil
}

// sums are what is compared of a table: rows, and for each column NULLs and
// either a sum over digests of values with their row ids, or sums of numbers.
type sums struct {
	rows   int64
	counts map[string]int64
	names  []string
	exact  []string
	near   []float64
}

func sumsOf(ctx context.Context, conn *duckdb.Conn, from string, s plan.Step) (sums, error) {
	id := `"_file", "_rec"`
	number := `"_rec" % 97`
	if set := s.Frame.FeatureSet; set != nil && set.Group != nil {
		id = `epoch_us("_window_start"), epoch_us("_window_end")`
		for _, k := range set.Group.Keys {
			id += ", " + sql.Quote(sql.KeyPrefix+k.Name)
		}
		number = "hash(" + id + ") % 97"
	}
	list := []string{"count(*)::BIGINT", "sum(hash(" + id + "))::VARCHAR"}
	for _, f := range s.Fields {
		name := sql.Quote(f.Name)
		switch f.Expr.Type().DuckDB() {
		case "DOUBLE":
			list = append(list, "count("+name+")::VARCHAR", "sum("+name+")::DOUBLE", "sum("+name+" * ("+number+"))::DOUBLE")
		case "TIMESTAMP":
			name = "epoch_us(" + name + ")"
			fallthrough
		default:
			list = append(list, "count("+name+")::VARCHAR || ' ' || sum(hash("+id+", "+name+"))::VARCHAR")
		}
	}
	var out sums
	err := conn.Query(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+from, func(row []any) error {
		out.rows, _ = row[0].(int64)
		for i := 1; i < len(row); i++ {
			out.names = append(out.names, list[i])
			text, _ := row[i].(string)
			number, _ := row[i].(float64)
			out.exact, out.near = append(out.exact, text), append(out.near, number)
		}
		return nil
	})
	return out, err
}

// differ says where two tables differ.
func (s sums) differ(o sums) error {
	if s.rows != o.rows {
		return fmt.Errorf("%d rows, %d rows", s.rows, o.rows)
	}
	if !maps.Equal(s.counts, o.counts) {
		return fmt.Errorf("counts %v, %v", s.counts, o.counts)
	}
	for i, name := range s.names {
		if s.exact[i] != o.exact[i] || math.Abs(s.near[i]-o.near[i]) > tolerance*math.Abs(s.near[i]) {
			return fmt.Errorf("%s: %s %v, %s %v", name, s.exact[i], s.near[i], o.exact[i], o.near[i])
		}
	}
	return nil
}
