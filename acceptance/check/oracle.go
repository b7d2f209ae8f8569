package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// previewed is one line of `mlp preview --format json`.
type previewed struct {
	Row struct {
		Key   map[string]any `json:"key"`
		Start string         `json:"window_start"`
	} `json:"row"`
	Values map[string]any  `json:"values"`
	Reject json.RawMessage `json:"reject"`
}

// columns are the values with the key and the beginning of the window.
func (p previewed) columns() map[string]any {
	out := maps.Clone(p.Values)
	maps.Copy(out, p.Row.Key)
	if p.Row.Start != "" {
		out["window_start"] = p.Row.Start
	}
	return out
}

// preview returns the rows of an address over real files, and fails where a
// record was rejected.
func (c *check) preview(ctx context.Context, address string, files ...string) ([]map[string]any, error) {
	args := []string{"preview", address}
	for _, f := range files {
		path, err := c.find(f)
		if err != nil {
			return nil, err
		}
		args = append(args, path)
	}
	out, err := c.output(ctx, c.project, append(args, "--format", "json")...)
	if err != nil {
		return nil, err
	}
	var rows []map[string]any
	decoder := json.NewDecoder(bytes.NewReader(out))
	decoder.UseNumber()
	for {
		var p previewed
		if err := decoder.Decode(&p); err == io.EOF {
			return rows, nil
		} else if err != nil {
			return nil, fmt.Errorf("preview of %s: %w", address, err)
		}
		if p.Reject != nil {
			return nil, fmt.Errorf("preview of %s: a record is a reject: %s", address, p.Reject)
		}
		if p.Values != nil {
			rows = append(rows, p.columns())
		}
	}
}

// sshFields holds every field of the sshd lines against the table beside them.
func (c *check) sshFields(ctx context.Context) error {
	rows, err := c.preview(ctx, "parser/sshd", "OpenSSH_2k.log")
	if err != nil {
		return err
	}
	path, err := c.find("OpenSSH_2k.log_structured.csv")
	if err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	table, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return err
	}
	names, table := table[0], table[1:]
	if len(rows) != len(table) {
		return fmt.Errorf("sshd: %d rows, the table has %d", len(rows), len(table))
	}
	// What the table calls the date is the month, and the component the host.
	fields := map[string]string{"Date": "month", "Day": "day", "Time": "time", "Component": "host", "Pid": "pid", "Content": "content"}
	compared := 0
	for i, record := range table {
		for j, name := range names {
			field, ok := fields[name]
			if !ok {
				continue
			}
			compared++
			// The table lacks the blanks that some lines end with.
			if got := strings.TrimRight(text(rows[i][field]), " "); got != record[j] {
				return fmt.Errorf("sshd: line %d: field %s is not what the table has", i+1, field)
			}
		}
	}
	fmt.Printf("sshd: %d lines, %d fields are those of the table beside the log\n", len(rows), compared)
	return nil
}

// answer is a published detection, with the rows that Spark gave on this data.
type answer struct {
	Rows []map[string]any `json:"rows"`
}

// published compares features with the rows that Spark gave for the same
// detection: by key, the named columns.
type published struct {
	file    string            // below the data's features
	address string            // of the feature set
	logs    []string          // that it reads
	key     map[string]string // column of the answer → of the row
	columns map[string]string
	parser  string // whose fields say which row it is, where there is one a record
}

func publishedDetections() []published {
	conns := []string{"008-conn.log.labeled", "010-conn.log.labeled", "011-conn.log.labeled", "012-conn.log.labeled"}
	return []published{
		{"14_sshd_regex_keyed.json", "featureset/sshd_source", []string{"OpenSSH_2k.log"}, map[string]string{"ip": "ip"},
			map[string]string{"n": "n", "failed": "failed", "accepted": "accepted", "users": "users", "invalid_ratio": "invalid_ratio", "span": "span"}, ""},
		{"03_keyed_window_distinct.json", "featureset/source_scan", conns, map[string]string{"src": "src", "w": "window_start"},
			map[string]string{"n": "n", "ports": "ports", "hosts": "hosts", "failed_ratio": "failed_ratio"}, ""},
		{"01_entropy_row.json", "featureset/domain_row", []string{"dga_domains_sample.csv"}, map[string]string{"domain": "domain"},
			map[string]string{"entropy": "bits"}, "parser/dga_domain"},
	}
}

// detections holds features against what Spark answered.
func (c *check) detections(ctx context.Context) error {
	for _, p := range publishedDetections() {
		if err := c.detection(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.file, err)
		}
	}
	return nil
}

func (c *check) detection(ctx context.Context, p published) error {
	data, err := os.ReadFile(filepath.Join(c.data, "features", p.file))
	if err != nil {
		return err
	}
	var want answer
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&want); err != nil {
		return err
	}
	// Spark read the files as one table: they are one capture.
	rows, err := c.preview(ctx, p.address, p.logs...)
	if err != nil {
		return err
	}
	if p.parser != "" {
		parsed, err := c.preview(ctx, p.parser, p.logs...)
		if err != nil {
			return err
		}
		if len(parsed) != len(rows) {
			return fmt.Errorf("%d rows of %d records", len(rows), len(parsed))
		}
		for i, row := range rows {
			maps.Copy(row, parsed[i])
		}
	}
	byKey := map[string]map[string]any{}
	for _, row := range rows {
		byKey[keyOf(row, p.key, false)] = row
	}
	compared := 0
	for _, w := range want.Rows {
		key := keyOf(w, p.key, true)
		row, ok := byKey[key]
		if !ok {
			return fmt.Errorf("no row %s", key)
		}
		for theirs, ours := range p.columns {
			compared++
			if !alike(w[theirs], row[ours]) {
				return fmt.Errorf("row %s: %s is %v, Spark has %v", key, ours, row[ours], w[theirs])
			}
		}
	}
	if compared == 0 {
		return errNoRows
	}
	fmt.Printf("%s: %d values are those that Spark gave\n", p.address, compared)
	return nil
}

// keyOf joins the key's values of an answer or of a row.
func keyOf(row map[string]any, key map[string]string, answer bool) string {
	var parts []string
	for theirs, ours := range key {
		name := ours
		if answer {
			name = theirs
		}
		value := text(row[name])
		// Spark's JSON writes milliseconds of a time.
		value = strings.Replace(value, ".000Z", "Z", 1)
		parts = append(parts, ours+"="+value)
	}
	if len(parts) == 2 && parts[0] > parts[1] {
		parts[0], parts[1] = parts[1], parts[0]
	}
	return strings.Join(parts, " ")
}

func text(v any) string {
	if v == nil {
		return "NULL"
	}
	return fmt.Sprint(v)
}

// alike compares two values: numbers up to what the answers are rounded to.
func alike(want, got any) bool {
	a, err1 := strconv.ParseFloat(text(want), 64)
	b, err2 := strconv.ParseFloat(text(got), 64)
	if err1 != nil || err2 != nil {
		return text(want) == text(got)
	}
	return math.Abs(a-b) <= 1e-6*math.Max(1, math.Abs(a))
}
