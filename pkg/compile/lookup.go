package compile

import (
	"regexp"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Definition returns the checked definition at the address of a field, label
// column, working column or feature.
func (p *Program) Definition(address string) (*sql.Typed, bool) {
	for _, x := range p.Parsers {
		if f, ok := at(address, x.Fields, x.Labels); ok {
			return f.Expr, true
		}
	}
	for _, x := range p.FeatureSets {
		if f, ok := at(address, x.Columns, x.Features); ok {
			return f.Expr, true
		}
	}
	return nil, false
}

func at(address string, lists ...[]*Field) (*Field, bool) {
	for _, list := range lists {
		for _, f := range list {
			if f.Address == address {
				return f, true
			}
		}
	}
	return nil, false
}

var canonicalName = regexp.MustCompile(`\{([0-9a-f]{64}):`)

// Readable returns the canonical form of an expression of the program with
// addresses for keys: of nodes, and raw/PARSER.ADDRESS of raw columns. Keys that
// mean something else are cut short.
func (p *Program) Readable(t *sql.Typed) string {
	known := map[string]string{}
	for _, x := range p.Parsers {
		for _, a := range x.Raw {
			known[rawKey(x.Format, a).Hex()] = "raw/" + x.Name + "." + a
		}
	}
	for _, a := range p.Graph.Addresses() {
		known[p.Graph.Key(a).Hex()] = a
	}
	for _, name := range []string{sql.WindowStartName, sql.WindowEndName} {
		known[boundKey(name).Hex()] = name
	}
	for _, f := range p.FeatureSets {
		if f.grouped && f.Group.Window != nil {
			for _, name := range []string{sql.WindowStartName, sql.WindowEndName} {
				known[f.rowBoundKey(name).Hex()] = name + " of featureset/" + f.Name
			}
		}
	}
	return canonicalName.ReplaceAllStringFunc(t.Canonical(), func(s string) string {
		hex := s[1 : len(s)-1]
		if name, ok := known[hex]; ok {
			return "{" + name + ":"
		}
		return "{" + hex[:8] + "…:"
	})
}

// boundKey stands for a bound of the window.
func boundKey(name string) digest.Digest {
	return digest.New("window-bound").String("name", name).Sum()
}

// rowBoundKey stands for a bound of the windows of a set's rows, for a set that
// reads them.
func (f *FeatureSet) rowBoundKey(name string) digest.Digest {
	c := digest.New("row-window").String("name", name)
	f.windowKey(c)
	return c.Sum()
}
