package source

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// realData returns the text of a file below $MLP_REAL_DATA.
func realData(t *testing.T, path string) string {
	t.Helper()
	dir := os.Getenv("MLP_REAL_DATA")
	if dir == "" {
		t.Skip("MLP_REAL_DATA is not set")
	}
	data, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		t.Skip(err)
	}
	return string(data)
}

// records returns what encoding/csv makes of a file.
func records(t *testing.T, text string) [][]string {
	t.Helper()
	out, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sameRecords compares rows with records, value by value, and no rejects.
func sameRecords(t *testing.T, got result, want [][]string) {
	t.Helper()
	balance(t, got.Counts)
	if len(got.Rejects) > 0 || len(got.Rows) != len(want) {
		t.Fatalf("%d rows and %d rejects of %d records: %v", len(got.Rows), len(got.Rejects), len(want), got.Counts.Rejects)
	}
	for i, record := range want {
		for j, v := range got.Rows[i].Values {
			// What others made of a log has no spaces at the ends of values.
			if v == nil || *v != record[j] && strings.TrimSpace(*v) != record[j] {
				t.Fatalf("record %d, value %d of %q is not %q", i, j, show(got.Rows[i:i+1]), record[j])
			}
		}
	}
	t.Logf("%d records", len(want))
}

func TestRealCSV(t *testing.T) {
	for _, name := range []string{"payload_full.csv", "payload_train.csv", "payload_test.csv"} {
		text := realData(t, "labelled/web-attack-params/"+name)
		want := records(t, text)
		o := Options{Format: Format{CSV{Separator: ',', Quote: '"'}}, Raw: want[0]}
		sameRecords(t, chunksReadAsWhole(t, text, o, 100_000, defaultLimits), want[1:])
	}
}

// TestRealShapes reads a sensor's logs in both of its forms as one.
func TestRealShapes(t *testing.T) {
	object := realData(t, "labelled/zeek-conn-labelled/002-portscan-conn.json")
	tabs := realData(t, "labelled/zeek-conn-labelled/003-androidrat-conn.log")
	names := strings.Fields("ts uid id.orig_h id.orig_p proto service duration local_orig history")
	shapes := Options{Format: Format{tsv[0], JSON{}}, Optional: names}
	whole := chunksReadAsWhole(t, tabs+object+tabs, shapes, 100_000, defaultLimits)
	balance(t, whole.Counts)

	plain := readAll(t, strings.NewReader(tabs), Options{Format: tsv, Optional: names}, defaultLimits)
	var want []row
	want = append(want, plain.Rows...)
	for line := range strings.Lines(object) {
		want = append(want, row{Values: zeekValues(t, line, names)})
	}
	want = append(want, plain.Rows...)
	if len(whole.Rows) != len(want) || len(whole.Rejects) != 2*len(plain.Rejects) {
		t.Fatalf("%d rows and %d rejects, want %d and %d", len(whole.Rows), len(whole.Rejects), len(want), 2*len(plain.Rejects))
	}
	for i := range want {
		if got, want := show(whole.Rows[i:i+1]), show(want[i:i+1]); got != want {
			t.Fatalf("row %d is %q, want %q", i, got, want)
		}
	}
	t.Logf("%+v", whole.Counts)
}

// zeekValues returns the values of an object as encoding/json has them.
func zeekValues(t *testing.T, line string, names []string) []*string {
	t.Helper()
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(line), &object); err != nil {
		t.Fatal(err)
	}
	var out []*string
	for _, name := range names {
		raw, ok := object[name]
		text := string(raw)
		if strings.HasPrefix(text, `"`) {
			if err := json.Unmarshal(raw, &text); err != nil {
				t.Fatal(err)
			}
		}
		if out = append(out, &text); !ok {
			out[len(out)-1] = nil
		}
	}
	return out
}

// TestRealPattern takes lines of sshd apart as others did.
func TestRealPattern(t *testing.T) {
	log := realData(t, "logs/loghub/openssh/OpenSSH_2k.log")
	want := records(t, realData(t, "logs/loghub/openssh/OpenSSH_2k.log_structured.csv"))
	names := want[0][1:7]
	o := Options{Raw: names, Format: Format{patterns(t, `(?P<Date>\w+) (?P<Day>[\d ]\d) (?P<Time>[\d:]+) (?P<Component>\S+) sshd\[(?P<Pid>\d+)\]: (?P<Content>.*)`)}}
	for i, record := range want {
		want[i] = record[1:7]
	}
	sameRecords(t, chunksReadAsWhole(t, log, o, 10_000, defaultLimits), want[1:])
}

// parsed is what another parser made of a line.
type parsed struct {
	Stage   string
	Success bool
	Parsed  map[string]string
	JSON    map[string]any
	Raw     string
}

// oracle reads what a case of logs/crowdsec says of its lines, once each.
func oracle(t *testing.T, name string) []parsed {
	t.Helper()
	var out []parsed
	for line := range strings.Lines(realData(t, "logs/crowdsec/"+name+"/expected.jsonl")) {
		var p parsed
		if err := json.Unmarshal([]byte(line), &p); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(p.Stage, "s01") && p.Success {
			out = append(out, p)
		}
	}
	return out
}

// TestRealPairs compares every key of pairs and objects.
func TestRealPairs(t *testing.T) {
	object := Format{JSON{}}
	pairs := Format{JSON{}, KeyValue{Separator: " ", Assign: "=", Quote: '"'}} // some write both
	for _, tt := range []struct {
		name   string
		format Format
		least  int // values
	}{
		{"iptables-logs", pairs, 40}, {"authelia-logs", pairs, 150}, {"fortinet-vpn-bf", pairs, 150}, {"grafana-logs", pairs, 50},
		{"keycloak-logs", pairs, 50}, {"auditd-logs", pairs, 50}, {"navidrome-logs", pairs, 10},
		{"caddy-logs", object, 100}, {"traefik_json", object, 150}, {"gitlab-logs", object, 50}, {"laurel-logs", object, 50},
	} {
		t.Run(tt.name, func(t *testing.T) {
			compared := 0
			for _, p := range oracle(t, tt.name) {
				compared += comparePairs(t, p, tt.format)
			}
			if compared < tt.least {
				t.Errorf("only %d values", compared)
			}
			t.Logf("%d values", compared)
		})
	}
}

// comparePairs compares the scalar values of a line and returns their number.
func comparePairs(t *testing.T, p parsed, f Format) int {
	t.Helper()
	o := Options{Format: f}
	var want []string
	for key, value := range p.JSON {
		_, address, _ := strings.Cut(key, ".")
		text := fmt.Sprint(value)
		if n, ok := value.(float64); ok {
			text = strconv.FormatFloat(n, 'g', -1, 64)
		}
		_, list := value.([]any)
		if repeated := strings.Count(p.Raw, " "+address+"=") > 1; !list && !repeated && value != nil {
			o.Optional, want = append(o.Optional, address), append(want, text)
		}
	}
	if len(want) == 0 {
		return 0
	}
	got := readAll(t, strings.NewReader(p.Raw), o, defaultLimits)
	if len(got.Rows) != 1 {
		t.Fatalf("%q: %v", p.Raw, got.Rejects)
	}
	for i, v := range got.Rows[0].Values {
		if v == nil {
			t.Errorf("%s of %q is NULL, want %q", o.Optional[i], p.Raw, want[i])
			continue
		}
		if n, err := strconv.ParseFloat(*v, 64); err == nil && strconv.FormatFloat(n, 'g', -1, 64) == want[i] {
			continue
		}
		if *v != want[i] {
			t.Errorf("%s of %q is %q, want %q", o.Optional[i], p.Raw, *v, want[i])
		}
	}
	return len(want)
}

// TestRealGroups compares the groups of patterns, and the columns of CSV.
func TestRealGroups(t *testing.T) {
	const common = `(?P<clientip>\S+) (?P<ident>\S+) (?P<auth>\S+) \[(?P<timestamp>[^\]]+)\] "(?P<verb>[A-Z]+) (?P<request>\S+) HTTP/(?P<httpversion>[\d.]+)" (?P<response>\d+) (?P<bytes>\d+|-)` +
		` "(?P<referrer>[^"]*)" "(?P<http_user_agent>[^"]*)".*`
	for _, tt := range []struct {
		name, pattern string
		least         int
	}{
		{"apache2-logs", common, 40},
		{"sshd-logs", `(?P<timestamp>\w+ [\d ]\d [\d:]+) \S+ sshd\[(?P<pid>\d+)\]: .*`, 30},
		{"traefik_clf", `(?P<remote_addr>\S+) - (?P<remote_user>\S+) \[(?P<time_local>[^\]]+)\] "(?P<verb>\w+) (?P<request>[^"]*) HTTP/(?P<http_version>[\d.]+)" (?P<status>\d+) (?P<body_bytes_sent>\d+).*`, 40},
	} {
		t.Run(tt.name, func(t *testing.T) {
			shape, compared := patterns(t, tt.pattern), 0
			for _, p := range oracle(t, tt.name) {
				o := Options{Format: Format{shape}, Optional: shape.Patterns[0].Groups()}
				got := readAll(t, strings.NewReader(p.Raw), o, defaultLimits)
				if len(got.Rows) == 0 {
					continue
				}
				for i, address := range o.Optional {
					if want, ok := p.Parsed[address]; ok && want != "" {
						compared++
						if v := got.Rows[0].Values[i]; v == nil || *v != want {
							t.Errorf("%s of %q is %v, want %q", address, p.Raw, v, want)
						}
					}
				}
			}
			if compared < tt.least {
				t.Errorf("only %d values", compared)
			}
			t.Logf("%d values", compared)
		})
	}
	t.Run("exchange-imap-logs", func(t *testing.T) {
		for _, p := range oracle(t, "exchange-imap-logs") {
			o := Options{Format: plainCSV, Raw: []string{"0", "1", "2", "5", "6", "7", "8", "9", "10"}}
			want := "date session_id sequence_number username duration rqsize rpsize command parameters"
			got := readAll(t, strings.NewReader(p.Raw), o, defaultLimits)
			for i, name := range strings.Fields(want) {
				if v := got.Rows[0].Values[i]; *v != p.Parsed[name] {
					t.Errorf("%s is %q, want %q", name, *v, p.Parsed[name])
				}
			}
		}
	})
}
