package lineage

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/trainers"
)

// compiled compiles the specs of a tree, which have no mistakes.
func compiled(t testing.TB, tree fs.FS) *compile.Program {
	t.Helper()
	ws, diags := spec.Load(tree, trainers.Files)
	program, more := compile.Compile(ws, []compile.Trainer{{Name: "sklearn", Key: digest.Of([]byte("sklearn"))}})
	if err := append(diags, more...).Err(); err != nil {
		t.Fatal(err)
	}
	return program
}

// own is the project of testdata, with some texts replaced: old, new, ….
func own(t testing.TB, edits ...string) *compile.Program {
	t.Helper()
	return compiled(t, ownFiles(t, edits...))
}

func ownFiles(t testing.TB, edits ...string) fstest.MapFS {
	t.Helper()
	files, tree := fstest.MapFS{}, os.DirFS("testdata/project")
	err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(tree, path)
		files[path] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(edits); i += 2 {
		found := false
		for _, f := range files {
			if before := string(f.Data); strings.Contains(before, edits[i]) {
				f.Data, found = []byte(strings.ReplaceAll(before, edits[i], edits[i+1])), true
			}
		}
		if !found {
			t.Fatalf("no spec has %q", edits[i])
		}
	}
	return files
}

// size is how much a project holds; each part has two fields that are its own
// and reads of the others.
type size struct{ parsers, fields, sets, features, datasets, models, sites int }

// paper is the scale of the platform that mlp is for.
func paper() size {
	return size{parsers: 31, fields: 14, sets: 70, features: 8, datasets: 27, models: 70, sites: 31}
}

// made is a project of some size.
func made(t testing.TB, s size) *compile.Program {
	t.Helper()
	files := fstest.MapFS{"mlp.textproto": {Data: []byte("name: \"made\"\n")}}
	add := func(path, format string, args ...any) {
		files[path] = &fstest.MapFile{Data: fmt.Appendf(nil, format, args...)}
	}
	sources := []string{"zeek_conn", "zeek_dns", "zeek_http", "zeek_ssl", "bind_query", "squid_access", "win_security", "sysmon", "auditd", "okta_system",
		"cloudtrail", "vpc_flow", "nginx_access", "postfix", "ldap_audit", "edr_process"}
	attacks := []string{"c2_beacon", "dns_tunnel", "dga", "rdp_brute", "lateral_smb", "exfil_http", "port_scan", "phish_login", "priv_esc"}
	named := func(list []string, i int) string {
		if i < len(list) {
			return list[i]
		}
		return fmt.Sprintf("%s_%d", list[i%len(list)], i/len(list)+1)
	}
	for p := range s.parsers {
		var b strings.Builder
		for f := range s.fields {
			fmt.Fprintf(&b, "raw: \"col.%d\"\nfields { name: \"f%d\" display_name: \"Field %d\" data_type: STRING index: %d definition: \"lower(_c%d)\" }\n", f, f, f, f, f)
		}
		name := named(sources, p)
		add("specs/parsers/"+name+".textproto", "name: %q\ndisplay_name: %q\nsource { delimited { separator: \"\\t\" comment: \"#\" null: \"-\" header_line: \"#fields\" } }\n%srequire: \"f0 IS NOT NULL\"\n",
			name, "Log of "+strings.ReplaceAll(name, "_", " "), b.String())
	}
	for k := range s.sets {
		var b strings.Builder
		for f := range s.features {
			fmt.Fprintf(&b, "features { name: \"x%d\" display_name: \"Length of field %d\" data_type: INT definition: \"length(f%d) + length(f%d)\" }\n", f, f, f%s.fields, (f*3+k)%s.fields)
		}
		name := named(attacks, k) + "_row"
		add("specs/features/"+name+".textproto", "name: %q\ndisplay_name: %q\nfrom: %q\nwhere: \"f1 IS NOT NULL\"\n%s", name, "Rows for "+named(attacks, k), named(sources, k*7%s.parsers), b.String())
	}
	for d := range s.datasets {
		// A dataset has captures of each parser that its models read.
		var b strings.Builder
		for _, name := range []string{"day1", "day2"} {
			fmt.Fprintf(&b, "contributions { name: %q label { expression: \"f0 = 'attack'\" }\n", name)
			for p := range s.parsers {
				one := digest.Of([]byte(fmt.Sprint(d, name, p)))
				fmt.Fprintf(&b, "  files { name: \"%s.%d.log\" parser: %q digest: %q size: 10 lines: 2 records: 1 chunks { digest: %q size: 10 records: 1 first_line: 1 } }\n", name, p, named(sources, p), one, one)
			}
			b.WriteString("}\n")
		}
		name := named(attacks, d)
		add("datasets/"+name+"/dataset.textproto", "name: %q\nattack_technique: \"T1071\"\n%ssplit { test: \"day2\" }\n", name, b.String())
	}
	for m := range s.models {
		name := named(attacks, m) + "_lr"
		add("specs/models/"+name+".textproto", "name: %q\ndisplay_name: %q\ndataset: %q\nfeature_set: %q\ntrainer { [type.googleapis.com/mlp.trainers.sklearn.LogisticRegression] { c: 1.0 } }\nseed: %d\ntarget_fpr: 0.01\n",
			name, "Detects "+strings.ReplaceAll(named(attacks, m), "_", " "), named(attacks, m%s.datasets), named(attacks, m%s.sets)+"_row", m+1)
	}
	for e := range s.sites {
		var b strings.Builder
		for m := e % 3; m < s.models; m += 9 {
			fmt.Fprintf(&b, "models: %q\n", named(attacks, m)+"_lr")
		}
		add(fmt.Sprintf("specs/environments/plant_%d.textproto", e+1), "name: \"plant_%d\"\n%s", e+1, b.String())
	}
	return compiled(t, files)
}
