package compile

import (
	"github.com/mlpdev/mlp/pkg/sql"
)

// noteReads remembers what an expression reads of a scope.
func (c *compiler) noteReads(scope *columns, t *sql.Typed) {
	for _, a := range scope.addresses(t) {
		c.read[a] = true
	}
}

// unread warns of what is computed for nobody. A project that grows is not
// nagged: fields may wait for a feature set, and feature sets for a model.
func (c *compiler) unread() {
	for _, m := range c.program.Models {
		for _, f := range m.Features {
			c.read[f.Address] = true
		}
	}
	if len(c.program.FeatureSets) > 0 {
		c.unreadFields()
	}
	c.unreadColumns()
	if len(c.program.Models) > 0 {
		c.unreadFeatures()
	}
}

// unreadFields warns of parsers and fields that nothing reads.
func (c *compiler) unreadFields() {
	parsed := map[string]bool{} // parsers that feature sets or datasets name
	for _, f := range c.program.FeatureSets {
		parsed[f.From.Name] = true
	}
	for _, d := range c.program.Datasets {
		for _, k := range d.Contributions {
			for _, f := range k.Spec.GetFiles() {
				parsed[f.GetParser()] = true
			}
		}
	}
	for _, s := range c.ws.Parsers {
		if !parsed[s.Spec.GetName()] {
			c.diags.Warnf(s.Doc.Field(s.Spec, "name"), "unread-field", "no feature set and no dataset reads parser %q", s.Spec.GetName()).
				Hintf("remove it, or read it")
			continue
		}
		for _, f := range s.Spec.GetFields() {
			if !c.read["field/"+s.Spec.GetName()+"."+f.GetName()] {
				c.diags.Warnf(s.Doc.Field(f, "name"), "unread-field", "nothing reads field %q", f.GetName()).
					Hintf("remove it, or read it; it costs nothing until something does")
			}
		}
	}
}

// unreadColumns warns of working columns that nothing reads.
func (c *compiler) unreadColumns() {
	for _, s := range c.ws.FeatureSets {
		for _, col := range s.Spec.GetColumns() {
			if !c.read["column/"+s.Spec.GetName()+"."+col.GetName()] {
				c.diags.Warnf(s.Doc.Field(col, "name"), "unread-field", "nothing reads working column %q", col.GetName()).
					Hintf("remove it, or read it")
			}
		}
	}
}

// unreadFeatures warns of feature sets and features that neither a model nor
// another set reads.
func (c *compiler) unreadFeatures() {
	used := map[string]bool{}
	for _, m := range c.program.Models {
		used[m.FeatureSet.Name] = true
	}
	for _, f := range c.program.FeatureSets {
		if f.Input != nil {
			used[f.Input.Name] = true
		}
	}
	for _, s := range c.ws.FeatureSets {
		if !used[s.Spec.GetName()] {
			c.diags.Warnf(s.Doc.Field(s.Spec, "name"), "unread-feature", "no model and no other set reads feature set %q", s.Spec.GetName()).
				Hintf("remove it, or read it")
			continue
		}
		for _, x := range s.Spec.GetFeatures() {
			if !c.read["feature/"+s.Spec.GetName()+"."+x.GetName()] {
				c.diags.Warnf(s.Doc.Field(x, "name"), "unread-feature", "no model reads feature %q", x.GetName()).
					Hintf("remove it, or list it in a model")
			}
		}
	}
}
