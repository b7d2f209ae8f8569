package source

// regexColumns are the columns of a shape with patterns.
type regexColumns struct {
	*Regex
	groups   [][]int // by pattern, by output: the number of the group; -1: none
	required []string
	at       []int
}

func (r *Regex) columns(o *Options, _ limits) (columns, error) {
	out := &regexColumns{Regex: r, required: o.Raw}
	for _, p := range r.Patterns {
		var groups []int
		for _, address := range o.addresses() {
			groups = append(groups, p.Group(address))
		}
		out.groups = append(out.groups, groups)
	}
	return out, nil
}

// has reports whether some pattern has an output.
func (c *regexColumns) has(output int) bool {
	for _, groups := range c.groups {
		if groups[output] >= 0 {
			return true
		}
	}
	return false
}

func (c *regexColumns) read(_ *Reader, b *Batch, line []byte) (reason string) {
	for i, p := range c.Patterns {
		at := p.match(c.at[:0], line)
		if at == nil {
			continue
		}
		c.at = at
		for output, group := range c.groups[i] {
			if group < 0 && output < len(c.required) {
				return ReasonMissing + c.required[output]
			}
			b.Columns[output][b.N] = c.value(line, at, group)
		}
		return ""
	}
	return ReasonNoMatch
}

// value returns the text of a group of a match.
func (c *regexColumns) value(line []byte, at []int, group int) []byte {
	if group < 0 || at[2*group] < 0 {
		return nil
	}
	start, end := at[2*group], at[2*group+1]
	if text := line[start:end:end]; len(text) == 0 || string(text) != c.Null {
		return text
	}
	return nil
}
