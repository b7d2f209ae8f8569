package sql

// Epochs returns the functions and operators that the expression calls, by
// name in the catalogue, with their epochs.
func (t *Typed) Epochs() map[string]int {
	out := map[string]int{}
	t.root.walk(func(n *term) {
		if n.fn != nil {
			out[n.fn.canonicalName()] = n.fn.Epoch
		}
	})
	return out
}
