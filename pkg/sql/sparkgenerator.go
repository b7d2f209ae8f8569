package sql

import (
	"fmt"
	"strings"
)

// generator writes a call of a generator as the list of what each row gets, of a
// type. Too many are taken for none.
func (w *sparkWriter) generator(n *node, t *Typed) string {
	each := t.Type()
	args := make([]string, len(n.args))
	for i, a := range n.args {
		args[i] = w.operand(a)
	}
	name, outer := strings.CutSuffix(n.text, "_outer")
	switch name {
	case "window":
		return slidWindows(args[0], t.root)
	case "stack":
		return w.stacked(n, args[1:], each)
	case "json_tuple":
		fields, values := make([]string, len(each.Fields)), make([]string, len(each.Fields))
		for i := range fields {
			key := n.args[i+1].value.text
			fields[i] = "`" + strings.ReplaceAll(key, "`", "``") + "` STRING"
			values[i] = fmt.Sprintf("'c%d', _j.%s", i, QuoteSpark(key))
		}
		return fmt.Sprintf("transform(array(from_json(%s, %s)), _j -> named_struct(%s))", args[0], quoteSpark(strings.Join(fields, ", ")), strings.Join(values, ", "))
	}
	list := args[0]
	if w.types[n].Kind == Map {
		list = "map_entries(" + list + ")"
	}
	if name == "posexplode" {
		values := "'col', _v"
		if w.types[n].Kind == Map {
			values = "'key', _v.key, 'value', _v.value"
		}
		list = fmt.Sprintf("transform(%s, (_v, _i) -> named_struct('pos', _i, %s))", list, values)
	}
	if outer {
		return fmt.Sprintf("CASE WHEN size(%[1]s) BETWEEN 1 AND %[2]d THEN %[1]s ELSE array(CAST(NULL AS %[3]s)) END", list, maxGenerated, each)
	}
	return fmt.Sprintf("CASE WHEN size(%[1]s) <= %[2]d THEN %[1]s END", list, maxGenerated)
}

// stacked writes the rows of stack.
func (w *sparkWriter) stacked(n *node, values []string, each Type) string {
	width := len(each.Fields)
	var rows []string
	for from := 0; from < int(n.args[0].value.number)*width; from += width {
		fields := make([]string, width)
		for i, f := range each.Fields {
			value := "NULL"
			if from+i < len(values) {
				value = values[from+i]
			}
			fields[i] = fmt.Sprintf("'%s', CAST(%s AS %s)", f.Name, value, f.Type)
		}
		rows = append(rows, "named_struct("+strings.Join(fields, ", ")+")")
	}
	return "array(" + strings.Join(rows, ", ") + ")"
}

// slidWindows writes the windows that a time lies in, the latest first.
func slidWindows(time string, t *term) string {
	size, slide, start := t.windowConstants()
	micros := "unix_micros(CAST(" + time + " AS TIMESTAMP))"
	begins := fmt.Sprintf("transform(sequence(0L, %dL), _i -> %s - _i * %dL)", (size+slide-1)/slide-1, lastWindow(micros, slide, start), slide)
	holds := fmt.Sprintf("_s_w + %d > %s AND %s", size, micros, withinYears(size))
	bound := func(at string) string { return "CAST(timestamp_micros(" + at + ") AS " + t.args[0].typ.String() + ")" }
	return fmt.Sprintf("transform(filter(%s, _s_w -> %s), _s_w -> named_struct('start', %s, 'end', %s))", begins, holds, bound("_s_w"), bound(fmt.Sprintf("_s_w + %d", size)))
}
