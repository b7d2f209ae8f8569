package sql

import "slices"

// Substitute returns the expression with another one, of the column's type, in
// place of a column of its scope. The column must stand outside windows.
func (t *Typed) Substitute(column string, with *Typed) *Typed {
	out := newTyped(substitute(t.root, column, with.root), t.source)
	out.replaced = &replacement{in: t, column: column, by: with}
	return out
}

func substitute(t *term, column string, with *term) *term {
	if t.column == column && t.fn == nil && t.value == nil {
		return with
	}
	out := *t
	out.args = slices.Clone(t.args)
	for i, a := range out.args {
		out.args[i] = substitute(a, column, with)
	}
	if t.filter != nil {
		out.filter = substitute(t.filter, column, with)
	}
	return &out
}
