package spec

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// MaxListRows is the most rows of a list.
const MaxListRows = 20_000

// Table is the file of a list: a header, and rows of as many cells.
type Table struct {
	Path   string
	Source []byte
	Header []Cell
	Rows   [][]Cell
	doc    *Document
}

// Cell is one value of a table, without its quotes.
type Cell struct {
	Text string
	at   extent
}

// Span returns the place of a cell in the file.
func (t *Table) Span(c Cell) diag.Span { return t.doc.span(c.at) }

// Column returns the index of the column with a header, and false where there
// is none.
func (t *Table) Column(header string) (int, bool) {
	i := slices.IndexFunc(t.Header, func(c Cell) bool { return c.Text == header })
	return i, i >= 0
}

// ListFile returns the name of a list's file.
func ListFile(l *specpb.List) string { return cmp.Or(l.GetFile(), l.GetName()+".csv") }

// ListHeader returns what the header of a list's column is in its file.
func ListHeader(c *specpb.ListColumn) string { return cmp.Or(c.GetHeader(), c.GetName()) }

// listFile is the form of the name of a list's file, which travels with
// releases.
var listFile = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}\.csv$`)

func checkList(c *checker, l *specpb.List) {
	c.name(l, plainName)
	c.require(l, "key", "columns")
	if f := l.GetFile(); f != "" && !listFile.MatchString(f) {
		c.errorf(l, "file", "bad-name", "%s is not allowed as the name of a list's file", quoted(f)).
			Hintf("it stands beside the spec and is lower-case letters, digits, _ and -, and ends with .csv")
	}
	scope, found := names{}, false
	for _, col := range l.GetColumns() {
		c.name(col, plainName)
		c.unique(scope, col.GetName(), c.doc.Field(col, "name"))
		c.require(col, "data_type")
		found = found || col.GetName() == l.GetKey()
	}
	if l.GetKey() != "" && len(l.GetColumns()) > 0 && !found && !c.partial {
		c.errorf(l, "key", "missing-column", "the key is %s, which is not among the columns", quoted(l.GetKey())).
			DidYouMean(l.GetKey(), columnNames(l))
	}
}

func columnNames(l *specpb.List) []string {
	out := make([]string, len(l.GetColumns()))
	for i, c := range l.GetColumns() {
		out[i] = c.GetName()
	}
	return out
}

// lists reads the lists and their files.
func (l *loader) lists() {
	w := l.ws
	w.tables = map[string]*Table{}
	w.Lists = load(l, l.flat(ListsDir), func() *specpb.List { return new(specpb.List) }, checkList)
	named := map[string]bool{}
	for _, s := range w.Lists {
		file := ListFile(s.Spec)
		if !listFile.MatchString(file) {
			continue // reported with its spec
		}
		named[file] = true
		if src, ok := l.readFile(l.fsys, path.Join(ListsDir, file), path.Join(ListsDir, file)); ok {
			w.tables[s.Name] = l.table(s, src)
		}
	}
	for _, e := range l.entries(ListsDir) {
		if path.Ext(e.Name()) == ".csv" && !named[e.Name()] {
			l.unexpected(path.Join(ListsDir, e.Name()), "no list has it as its file")
		}
	}
}

// table reads the file of a list, and checks that its columns are there. It
// returns nil where the file cannot be used.
func (l *loader) table(s Spec[*specpb.List], src []byte) *Table {
	t := &Table{Path: path.Join(ListsDir, ListFile(s.Spec)), Source: src}
	t.doc = &Document{Path: t.Path, Source: src, text: string(src), lines: lineStarts(src)}
	if at, code := badText(src); code != "" {
		l.list.Errorf(t.doc.span(at), code, "a list is text in UTF-8, without characters that nobody sees")
		return nil
	}
	if !t.read(&l.list) || !t.checkHeader(s, &l.list) {
		return nil
	}
	return t
}

// badText finds the first character that a list must not hold.
func badText(src []byte) (at extent, code string) {
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		at := extent{int32(i), int32(i + n)}
		switch code := hidden(r); {
		case r == utf8.RuneError && n == 1:
			return at, "invalid-utf8"
		case code != "" && (i > 0 || r != '\ufeff'):
			return at, code
		}
		i += n
	}
	return extent{}, ""
}

// read fills the table, and reports whether the file is CSV.
func (t *Table) read(list *diag.List) bool {
	body := bytes.TrimPrefix(t.Source, []byte("\ufeff"))
	mark := int32(len(t.Source) - len(body))
	r := csv.NewReader(bytes.NewReader(body))
	for {
		record, err := r.Read()
		if err == io.EOF {
			break
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			at := t.offset(wrong.Line, wrong.Column, mark)
			if int(at) == len(t.Source) { // an open quote is noticed where the file ends
				at = t.offset(wrong.StartLine, 1, mark)
			}
			list.Errorf(t.doc.span(extent{at, at}), "bad-csv", "this is not CSV: %v", wrong.Err).
				Hintf("a row has as many values as the header; a value with a comma, a quote or a line break stands in quotes, quotes in it doubled")
			return false
		}
		if len(t.Rows) == MaxListRows {
			line, _ := r.FieldPos(0)
			at := t.offset(line, 1, mark)
			list.Errorf(t.doc.span(extent{at, at}), "too-large", "a list has at most %d rows", MaxListRows)
			return false
		}
		row := t.cells(r, record, mark)
		if t.Header == nil {
			t.Header = row
		} else {
			t.Rows = append(t.Rows, row)
		}
	}
	if t.Header == nil {
		list.Errorf(t.doc.File(), "bad-csv", "this is not CSV: there is no header")
	}
	return t.Header != nil
}

// offset returns where a place that the reader names stands in the source.
func (t *Table) offset(line, column int, mark int32) int32 {
	at := t.doc.lines[min(line, len(t.doc.lines))-1] + int32(column) - 1
	if line == 1 {
		at += mark
	}
	return min(at, int32(len(t.Source)))
}

// cells returns the values of a record with their places: each goes up to the
// comma before the next one, the last one to the end of its line.
func (t *Table) cells(r *csv.Reader, record []string, mark int32) []Cell {
	row := make([]Cell, len(record))
	end := min(int32(r.InputOffset())+mark, int32(len(t.Source)))
	for end > 0 && (t.Source[end-1] == '\n' || t.Source[end-1] == '\r') {
		end--
	}
	for i := len(record) - 1; i >= 0; i-- {
		line, column := r.FieldPos(i)
		start := t.offset(line, column, mark)
		row[i] = Cell{Text: record[i], at: extent{start, max(start, end)}}
		end = start - 1
	}
	return row
}

// checkHeader checks that the columns of a list are in its file, each once.
func (t *Table) checkHeader(s Spec[*specpb.List], list *diag.List) bool {
	ok := true
	var known []string
	for i, h := range t.Header {
		if slices.Contains(known, h.Text) && slices.ContainsFunc(s.Spec.GetColumns(), func(c *specpb.ListColumn) bool { return ListHeader(c) == h.Text }) {
			list.Errorf(t.Span(h), "bad-csv", "the header %s stands twice", quoted(h.Text)).Notef(t.Span(t.Header[slices.Index(known, h.Text)]), "first here")
			ok = false
		}
		known = append(known, t.Header[i].Text)
	}
	for _, c := range s.Spec.GetColumns() {
		name := ListHeader(c)
		if _, found := t.Column(name); found || strings.TrimSpace(name) == "" {
			continue
		}
		at, end := t.Header[0].at.start, t.Header[len(t.Header)-1].at.end
		list.Errorf(t.doc.span(extent{at, end}), "missing-column", "the file of list %s has no column %s", quoted(s.Name), quoted(name)).
			DidYouMean(name, known).Notef(s.Doc.Field(c, "name"), "the column is declared here")
		ok = false
	}
	return ok
}
