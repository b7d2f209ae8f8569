package compile

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

const (
	lowFile = "specs/features/low.textproto"
	topFile = "specs/features/top.textproto"
)

// levels is the example with a set that looks back, and one over it.
func levels(t *testing.T, edits ...string) map[string]string {
	t.Helper()
	files := example(t, nil).(fstest.MapFS)
	add := func(path, text string) { files[path] = &fstest.MapFile{Data: []byte(text)} }
	add(lowFile, `name: "low"
from: "zeek_conn"
columns { name: "gap" definition: "unix_micros(ts) - lag(unix_micros(ts)) OVER (PARTITION BY src ORDER BY ts)" }
columns { name: "wide" definition: "gap * 2" }
key: "src" window { time: "ts" size: "5 minutes" }
lookback: "10 minutes"
features { name: "n" data_type: BIGINT definition: "count(*)" }
features { name: "gap_sum" data_type: BIGINT definition: "sum(wide)" }
`)
	add(topFile, `name: "top"
from: "low"
where: "src <> ''"
key: "src" window { time: "window_start" size: "15 minutes" }
features { name: "busy" data_type: BIGINT definition: "max(n)" }
features { name: "gaps" data_type: BIGINT definition: "sum(gap_sum)" }
`)
	add("specs/features/marked.textproto", `name: "marked"
from: "top"
features { name: "twice" data_type: BIGINT definition: "busy * 2" }
features { name: "at" data_type: BIGINT definition: "unix_micros(window_start)" }
features { name: "one" data_type: BIGINT definition: "1" }
`)
	for _, edit := range edits {
		path, change, _ := strings.Cut(edit, ": ")
		old, new, ok := strings.Cut(change, "=>")
		if !ok {
			continue
		}
		if !strings.Contains(string(files[path].Data), old) {
			t.Fatalf("%s has no %q", path, old)
		}
		add(path, strings.Replace(string(files[path].Data), old, new, 1))
	}
	if slices.Contains(edits, "renamed") {
		for _, path := range []string{lowFile, topFile} {
			text := strings.NewReplacer(`name: "low"`, `name: "lower"`, `from: "low"`, `from: "lower"`).Replace(string(files[path].Data))
			delete(files, path)
			add(strings.Replace(path, "low.", "lower.", 1), text)
		}
	}
	out := keys(mustCompile(t, files))
	for address, key := range out {
		if name := strings.Replace(address, "/lower", "/low", 1); name != address {
			delete(out, address)
			out[name] = key
		}
	}
	return out
}

// What an edit of one level changes in those above it.
func TestLevelEdits(t *testing.T) {
	before := levels(t)
	for _, tt := range []struct{ name, edit, changed string }{
		{"a comment", lowFile + `: from: =># rows` + "\n" + `from: `, ""},
		{"the lower set renamed", "renamed", ""},
		{"written differently", topFile + `: max(n)=>MAX( N )`, ""},
		{"lookback", lowFile + `: "10 minutes"=>"11 minutes"`, `^feature/(low.gap_sum|top.gaps)$`},
		{"lookback written differently", lowFile + `: "10 minutes"=>"600 seconds"`, ""},
		{"no lookback", lowFile + `: lookback: "10 minutes"=>`, `^feature/(low.gap_sum|top.gaps)$`},
		{"a lookback that nothing reads", topFile + `: key: "src"=>lookback: "15 minutes" key: "src"`, ""},
		{"a lower feature", lowFile + `: count(*)=>count(dst)`, `^feature/(low.n|top.busy|marked.twice)$`},
		{"a window function", lowFile + `: lag(unix_micros(ts))=>lead(unix_micros(ts))`, `^(column/low.(gap|wide)|feature/(low.gap_sum|top.gaps))$`},
		{"the lower window", lowFile + `: "5 minutes"=>"3 minutes"`, `^(featureset/(low|top|marked)|feature/(low\..*|top\..*|marked.twice|marked.at))$`},
		{"the lower condition", lowFile + `: key:=>where: "dport > 0" key:`, `^(featureset/(low|top|marked)|feature/(low\..*|top\..*|marked.twice))$`},
		{"the upper window", topFile + `: "15 minutes"=>"20 minutes"`, `^(featureset/(top|marked)|feature/(top\..*|marked.twice|marked.at))$`},
		{"the upper condition", topFile + `: src <> ''=>src <> 'x'`, `^(featureset/(top|marked)|feature/(top\..*|marked.twice))$`},
		{"having below", lowFile + `: lookback=>having: "n > 1" lookback`, `^(featureset/(low|top|marked)|feature/(top\..*|marked.twice))$`},
		{"require", parserFile + `: "ts IS NOT NULL"=>"ts IS NOT NULL AND dport IS NOT NULL"`,
			`^(parser/.*|featureset/.*|feature/(src_5min|low|top)\..*|feature/marked.twice|(model|evaluation)/.*|env/.*)$`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			after, want := levels(t, tt.edit), regexp.MustCompile(tt.changed)
			for address, key := range before {
				if changed := after[address] != key; changed != (tt.changed != "" && want.MatchString(address)) {
					t.Errorf("%s: changed is %v", address, changed)
				}
			}
		})
	}
}

// A session that a window function finds is a key: which rows there are then
// depends on how far it sees.
func TestLookbackInKey(t *testing.T) {
	session := lowFile + `: key: "src"=>columns { name: "session" definition: "gap > 1000" } key: "src" key: "session"`
	before, after := levels(t, session), levels(t, session, lowFile+`: "10 minutes"=>"11 minutes"`)
	for _, address := range []string{"featureset/low", "feature/low.n", "featureset/top", "feature/top.busy"} {
		if before[address] == after[address] {
			t.Errorf("%s: the key did not change", address)
		}
	}
	for _, address := range []string{"column/low.session", "feature/marked.one"} {
		if before[address] != after[address] {
			t.Errorf("%s: the key changed", address)
		}
	}
}

// A generator decides which rows there are, whether or not something reads it.
func TestGeneratorInKeys(t *testing.T) {
	const with = lowFile + `: key: "src"=>columns { name: "part" definition: "explode(split(src, '[.]'))" } key: "src"`
	before := levels(t, with)
	for _, tt := range []struct{ name, edit, changed string }{
		{"no generator", lowFile + `: columns { name: "part" definition: "explode(split(src, '[.]'))" }=>`,
			`^(featureset/(low|top|marked)|feature/(low\..*|top\..*|marked.twice))$`},
		{"another one", lowFile + `: explode(split(src, '[.]'))=>explode_outer(split(src, '[.]'))`,
			`^(column/low.part|featureset/(low|top|marked)|feature/(low\..*|top\..*|marked.twice))$`},
		{"written differently", lowFile + `: explode(split(src, '[.]'))=>EXPLODE( split(SRC, r'[.]') )`, ""},
		{"what is made of it", lowFile + `: key: "src"=>columns { name: "size" definition: "length(part)" } key: "src"`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			after, want := levels(t, with, tt.edit), regexp.MustCompile(tt.changed)
			for address, key := range before {
				if _, there := after[address]; there && (after[address] != key) != (tt.changed != "" && want.MatchString(address)) {
					t.Errorf("%s: changed is %v", address, after[address] != key)
				}
			}
		})
	}
}

// An edit of a session changes its set's rows and features, and what reads them;
// how it is written changes nothing.
func TestSessionEdits(t *testing.T) {
	const with = lowFile + `: size: "5 minutes" }
lookback: "10 minutes"=>session_gap: "5 minutes" max_length: "1 day" }`
	const all = `^(featureset/(low|top|marked)|feature/(low\..*|top\..*|marked.twice|marked.at))$`
	session := func(edits ...string) map[string]string {
		over := []string{with, topFile + `: key: "src" window { time: "window_start" size: "15 minutes" }=>`, topFile + `: max(n)=>n`, topFile + `: sum(gap_sum)=>gap_sum`}
		return levels(t, append(over, edits...)...)
	}
	before := session()
	for _, tt := range []struct{ name, edit, changed string }{
		{"written differently", lowFile + `: session_gap: "5 minutes" max_length: "1 day"=>max_length: "24 hours" session_gap: "300 seconds"`, ""},
		{"the gap", lowFile + `: "5 minutes"=>"6 minutes"`, all},
		{"the greatest length", lowFile + `: "1 day"=>"2 days"`, all},
		{"a window", lowFile + `: session_gap: "5 minutes" max_length: "1 day"=>size: "1 day"`, all},
	} {
		t.Run(tt.name, func(t *testing.T) {
			after, want := session(tt.edit), regexp.MustCompile(tt.changed)
			for address, key := range before {
				if changed := after[address] != key; changed != (tt.changed != "" && want.MatchString(address)) {
					t.Errorf("%s: changed is %v", address, changed)
				}
			}
		})
	}
}
