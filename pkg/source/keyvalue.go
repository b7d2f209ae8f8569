package source

import "bytes"

// keyValueColumns are the columns of a shape with keys and values.
type keyValueColumns struct {
	*KeyValue
	outputs  map[string][]int
	required []string
	set      []bool // outputs that the record has
}

func (k *KeyValue) columns(o *Options, _ limits) (columns, error) {
	out := &keyValueColumns{KeyValue: k, outputs: map[string][]int{}, required: o.Raw}
	for output, address := range o.addresses() {
		out.outputs[address] = append(out.outputs[address], output)
	}
	out.set = make([]bool, len(o.Raw)+len(o.Optional))
	return out, nil
}

// claims looks for one key with a value.
func (k *KeyValue) claims(line []byte, long bool) bool {
	if long {
		return false
	}
	_, _, ok := k.next(line)
	return ok
}

func (c *keyValueColumns) read(r *Reader, b *Batch, line []byte) (reason string) {
	for output := range c.set {
		c.set[output] = false
		b.Columns[output][b.N] = nil
	}
	pairs := 0
	for rest := line; ; pairs++ {
		var p pair
		var ok bool
		if p, rest, ok = c.next(rest); !ok {
			break
		}
		if p.unclosed {
			return ReasonUnclosed
		}
		for _, output := range c.outputs[string(p.key)] {
			if !c.set[output] {
				c.set[output], r.found[output] = true, true
				b.Columns[output][b.N] = c.value(r, p)
			}
		}
	}
	if pairs == 0 {
		return ReasonNoPair
	}
	for output, address := range c.required {
		if !c.set[output] {
			return ReasonMissing + address
		}
	}
	return ""
}

// pair is a key and the text of its value, without quotes.
type pair struct {
	key, value []byte
	quoted     bool // the value stood between quotes
	escaped    bool // a backslash stands in it
	unclosed   bool // the line ends between quotes
}

// next returns the first pair of a text and what follows it.
func (k *KeyValue) next(text []byte) (p pair, rest []byte, ok bool) {
	for len(text) > 0 {
		if hasPrefix(text, k.Separator) {
			text = text[len(k.Separator):]
			continue
		}
		end := bytes.Index(text, []byte(k.Separator))
		if end < 0 {
			end = len(text)
		}
		at := bytes.Index(text[:end], []byte(k.Assign))
		if at < 0 {
			text = text[end:]
			continue
		}
		key := bytes.Trim(text[:at], " ")
		if len(key) == 0 || bytes.IndexByte(key, k.Quote) >= 0 {
			text = text[end:]
			continue
		}
		p.key = key
		value := bytes.TrimLeft(text[at+len(k.Assign):end], " ")
		if len(value) > 0 && value[0] == k.Quote {
			return k.quoted(p, text[end-len(value)+1:])
		}
		p.value = text[end-len(value) : end]
		for len(p.value) > 0 && p.value[len(p.value)-1] == ' ' {
			p.value = p.value[:len(p.value)-1] // stays a value if nothing is left
		}
		return p, text[end:], true
	}
	return p, nil, false
}

// quoted completes a pair with the value that a quote stands before.
func (k *KeyValue) quoted(p pair, text []byte) (_ pair, rest []byte, ok bool) {
	p.quoted = true
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			p.escaped = true
			i++
		case k.Quote:
			if rest, ok := k.ends(text[i+1:]); ok {
				p.value = text[:i]
				return p, rest, true
			}
		}
	}
	p.unclosed = true
	return p, nil, true
}

// ends reports whether a quote before a text ends a value, and what follows: a
// separator or the end of the line, behind a comma or semicolon if need be.
// Any other quote is a character of the value, as where a program that wrote
// it did not escape it.
func (k *KeyValue) ends(text []byte) (rest []byte, ok bool) {
	if len(text) == 0 || hasPrefix(text, k.Separator) {
		return text, true
	}
	if text[0] == ',' || text[0] == ';' {
		text = text[1:]
	}
	if k.Separator[0] != ' ' {
		text = bytes.TrimLeft(text, " ")
	}
	return text, len(text) == 0 || hasPrefix(text, k.Separator)
}

// value returns the value of a pair as it goes into a batch.
func (c *keyValueColumns) value(r *Reader, p pair) []byte {
	switch {
	case !p.quoted && len(p.value) > 0 && string(p.value) == c.Null:
		return nil
	case !p.escaped:
		return p.value[:len(p.value):len(p.value)]
	}
	start := len(r.arena)
	for i := 0; i < len(p.value); i++ {
		if p.value[i] == '\\' && i+1 < len(p.value) && (p.value[i+1] == '\\' || p.value[i+1] == c.Quote) {
			i++
		}
		r.arena = append(r.arena, p.value[i])
	}
	return r.arena[start:len(r.arena):len(r.arena)]
}
