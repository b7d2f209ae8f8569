package sql

// Epochs returns the functions and operators that the expression calls, by
// name in the catalogue, with their epochs.
func (t *Typed) Epochs() map[string]int {
	out := map[string]int{}
	t.root.walk(func(n *term) {
		if n.fn != nil {
			out[n.fn.canonicalName()] = max(out[n.fn.canonicalName()], n.epoch())
		}
	})
	return out
}

// epoch returns that of the function. Casts have those of what they read, so
// that a change to one of them leaves the others as they are.
func (t *term) epoch() int {
	if t.fn == castFunction && t.args[0].typ.Kind == String && t.typ.Kind == Timestamp {
		return 2
	}
	return t.fn.Epoch
}
