package sql

import (
	"fmt"
	"strings"

	"github.com/mlpdev/mlp/pkg/diag"
)

// ChunkColumn is the ordinal of a record's chunk among those that are read, from
// 0: INT. Spark reads many at once and writes the rows of each apart.
const ChunkColumn = "_chunk"

// SparkQuery is a SELECT of Spark's SQL. A comment /*@N*/ stands before each
// expression of a spec, which is written at Spans[N].
type SparkQuery struct {
	SQL   string
	Spans []diag.Span
}

// Spark returns the relation as one SELECT of Spark's SQL, over an input that has
// _chunk, too. The columns are _chunk and those of [Parsing.DuckDB], without
// _raw; rows are in no order.
func (p Parsing) Spark() SparkQuery {
	d := &spark{}
	return d.text(p.render(d, []string{ChunkColumn, FileColumn, RecordColumn}))
}

// Spark returns the relation as one SELECT of Spark's SQL: the columns of
// [Relation.DuckDB], by name, and its rows, in no order. Texts and Members are
// for DuckDB alone.
func (r Relation) Spark() SparkQuery {
	d := &spark{}
	r.Texts, r.Members = 0, false
	return d.text(r.render(d, false))
}

// QuoteSpark returns a name as a quoted identifier of Spark.
func QuoteSpark(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// spark is the dialect of Spark, and where the expressions come from that were
// written in it.
type spark struct{ spans []diag.Span }

func (d *spark) text(sql string) SparkQuery { return SparkQuery{SQL: sql, Spans: d.spans} }

func (d *spark) expr(t *Typed, r Render) string {
	d.spans = append(d.spans, t.Span())
	return fmt.Sprintf("/*@%d*/ %s", len(d.spans)-1, t.Spark(r))
}

func (*spark) quote(name string) string      { return QuoteSpark(name) }
func (*spark) cast(x string, to Type) string { return "CAST(" + x + " AS " + to.String() + ")" }
func (*spark) micros(x string) string        { return "unix_micros(" + x + ")" }
func (*spark) instant(micros string) string  { return "timestamp_micros(" + micros + ")" }
func (*spark) sha256(text string) string     { return "sha2(" + text + ", 256)" }
func (*spark) bytes(text string) string      { return "octet_length(" + text + ")" }
func (*spark) size(list string) string       { return "size(" + list + ")" }
func (*spark) numbers(n int64) string        { return fmt.Sprintf("explode(sequence(0L, %dL))", n-1) }

// reversed knows the types of the columns that are row ids.
func (d *spark) reversed(order []string) string {
	terms := make([]string, len(order))
	for i, name := range order {
		switch column := d.quote(name); name {
		case RowColumn:
			terms[i] = "translate(" + column + ", '0123456789abcdef', 'fedcba9876543210')"
		case WindowStart:
			terms[i] = "-unix_micros(" + column + ")"
		default:
			terms[i] = "-" + column
		}
	}
	return strings.Join(terms, ", ")
}

// sorted: sums of floats are in the order in which rows come, which differs
// from run to run.
func (*spark) sorted(string, string) string { return "" }

func (d *spark) star(except ...string) string {
	if len(except) == 0 {
		return "*"
	}
	return "* EXCEPT (" + quoted(d, except...) + ")"
}

func (d *spark) replaced(by ...assignment) string {
	names, values := make([]string, len(by)), ""
	for i, a := range by {
		names[i] = a.name
		values += ", " + a.value + " AS " + d.quote(a.name)
	}
	return d.star(names...) + values
}

func (d *spark) made(g generated) string {
	const position = "_pos"
	return fmt.Sprintf("SELECT %s, %s AS %s FROM (SELECT *, posexplode(%s) AS (%s) FROM %s)", d.star(position),
		d.cast(d.quote(position), Type{Kind: BigInt}), d.quote(MadeColumn), g.list, quoted(d, position, g.name), g.from)
}

func (d *spark) table(j Join) string {
	lists, names, values := []string{sparkList(j.Key)}, []string{"_k"}, []string{sparkValue(j.Key.Type, "_k") + " AS _k"}
	for i, c := range j.Columns {
		name := fmt.Sprintf("_v%d", i)
		lists, names = append(lists, sparkList(c.Values)), append(names, name)
		values = append(values, sparkValue(c.Values.Type, name)+" AS "+name)
	}
	return fmt.Sprintf("SELECT %s FROM (SELECT inline(arrays_zip(%s)) AS (%s))", strings.Join(values, ", "), strings.Join(lists, ", "), strings.Join(names, ", "))
}

// sparkList renders the texts of constants as an array, each behind V, and NULL
// as N.
func sparkList(c Constants) string {
	if len(c.Texts) == 0 {
		return "CAST(array() AS ARRAY<STRING>)"
	}
	return fmt.Sprintf("split(%s, %s)", quoteSpark(c.joined()), quoteSpark(separator))
}

// sparkValue renders a text of sparkList as a value.
func sparkValue(t Type, text string) string {
	x := "substring(" + text + ", 2)"
	switch t.Kind {
	case Date:
		x = "date_from_unix_date(CAST(" + x + " AS INT))"
	case Timestamp:
		x = "timestamp_micros(CAST(" + x + " AS BIGINT))"
	case String:
	default:
		x = "CAST(" + x + " AS " + t.String() + ")"
	}
	return fmt.Sprintf("CASE WHEN substring(%s, 1, 1) = 'V' THEN %s END", text, x)
}
