package answers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// view is the table as the script answers.py reads it.
type view struct {
	Digest  string     `json:"digest"`
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"` // Spark's constants
}

func sparkView() view { return viewOf(Table()) }

func viewOf(table enginetest.Table) view {
	var v view
	hash := sha256.New()
	for _, c := range table {
		v.Columns = append(v.Columns, c.Name)
	}
	for row := range table[0].Values {
		var values []string
		for _, c := range table {
			values = append(values, constant(c.Values[row], c.Type))
		}
		_, _ = fmt.Fprintln(hash, v.Columns, values)
		v.Rows = append(v.Rows, values)
	}
	v.Digest = hex.EncodeToString(hash.Sum(nil))
	return v
}

// Write writes what the script answers.py reads: a line with the table, then a
// line for each question.
func Write(w io.Writer, questions []Question) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(sparkView()); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	for _, q := range questions {
		if err := lines.Encode(q); err != nil {
			return fmt.Errorf("write a question: %w", err)
		}
	}
	return nil
}

// constant writes a value as Spark reads it, in its type.
func constant(v any, t sql.Type) string {
	switch x := v.(type) {
	case nil:
		return "CAST(NULL AS " + t.String() + ")"
	case []any:
		return nested(x, t)
	case []byte:
		return "X'" + hex.EncodeToString(x) + "'"
	case string:
		if t.Kind == sql.String {
			return quote(x)
		}
		return "CAST(" + quote(x) + " AS " + t.String() + ")"
	case float64:
		text := strconv.FormatFloat(x, 'g', -1, 64)
		if math.IsInf(x, 0) {
			text = strings.Replace(strings.TrimPrefix(text, "+"), "Inf", "Infinity", 1)
		}
		return "CAST('" + text + "' AS " + t.String() + ")"
	}
	switch t.Kind {
	case sql.YearMonth:
		return fmt.Sprintf("make_ym_interval(0, %d)", v)
	case sql.DayTime:
		return fmt.Sprintf("CAST(%d * INTERVAL '0.000001' SECOND AS %s)", v, t)
	}
	return fmt.Sprintf("CAST('%v' AS %s)", v, t)
}

// nested writes an array, a map or a struct.
func nested(list []any, t sql.Type) string {
	var parts []string
	name := "array"
	for i, e := range list {
		switch t.Kind {
		case sql.Struct:
			name = "struct"
			parts = append(parts, constant(e, t.Fields[i].Type))
		case sql.Map:
			entry, _ := e.([]any)
			parts = append(parts, constant(entry[0], *t.Key), constant(entry[1], *t.Elem))
		default:
			parts = append(parts, constant(e, *t.Elem))
		}
	}
	if t.Kind == sql.Map {
		name = "map"
	}
	return "CAST(" + name + "(" + strings.Join(parts, ", ") + ") AS " + t.String() + ")"
}

// quote writes a text as a constant of Spark.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\x00", `\0`).Replace(s) + "'"
}
