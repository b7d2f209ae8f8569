package sql

import (
	"slices"
	"strings"
)

// named reads name => value, ….
func (p *parser) named() (args []*node, names []string) {
	for first := true; !p.failed && (first || p.accept(",")); first = false {
		t := p.take()
		if t.kind != tokenWord && t.kind != tokenQuoted {
			p.unexpected(t, "a name")
		}
		p.expect("=>")
		args, names = append(args, p.expression()), append(names, strings.ToLower(t.text))
	}
	return args, names
}

// inOrder returns a call with its named arguments in the order of the
// parameters. Few functions of Spark take such.
func (c *checker) inOrder(n *node, fn *function) (*node, bool) {
	if n.names == nil || fn.Name == "struct" {
		return n, true
	}
	if !fn.named {
		c.errorf(n, "not-supported", "%s takes no named arguments", n.text).Hintf("%s", fn.Signature)
		return n, false
	}
	out := *n
	out.args, out.names = make([]*node, len(n.args)), nil
	for i, name := range n.names {
		at := slices.IndexFunc(fn.params, func(p param) bool { return p.name == name })
		if at < 0 || at >= len(n.args) || out.args[at] != nil {
			c.errorf(n.args[i], "not-supported", "%s takes no argument %q here", n.text, name).Hintf("%s", fn.Signature)
			return n, false
		}
		out.args[at] = n.args[i]
	}
	return &out, true
}
