package sparkjson

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// step is a part of a path: a name, an index, or all elements.
type step struct {
	name  string
	index int
	all   bool // [*]
}

// Path is a path of get_json_object: $.name, $['name'], $[0], $[*].
type Path []step

// ParsePath reads a path; it is false where the text is none.
func ParsePath(text string) (Path, bool) {
	rest, ok := strings.CutPrefix(text, "$")
	path := Path{}
	for ok && rest != "" {
		var part string
		switch {
		case strings.HasPrefix(rest, "['"):
			part, rest, ok = strings.Cut(rest[2:], "']")
			ok = ok && isName(part)
			path = append(path, step{name: part})
		case strings.HasPrefix(rest, "[*]"):
			rest = rest[3:]
			path = append(path, step{all: true})
		case rest[0] == '[':
			part, rest, ok = strings.Cut(rest[1:], "]")
			n, err := strconv.ParseUint(part, 10, 31)
			ok = ok && err == nil
			path = append(path, step{index: int(n)})
		case rest[0] == '.':
			rest = rest[1:]
			end := strings.IndexAny(rest, ".[")
			if end < 0 {
				end = len(rest)
			}
			part, rest = rest[:end], rest[end:]
			ok = isName(part)
			path = append(path, step{name: part})
		default:
			ok = false
		}
	}
	return path, ok
}

// style says how what is found is written: a text alone without quotes, arrays
// into the array around them, or all as JSON.
type style uint8

const (
	raw style = iota
	flat
	quoted
)

// Get finds what stands at a path, as Spark writes it: a text as such, of
// several values an array. It is false where nothing does.
func (p Path) Get(b []byte, v Value) ([]byte, bool) {
	f := finder{write: Append}
	found, ok := f.find(p, nil, v, raw)
	text := strings.Join(found, " ")
	if !ok || !utf8.ValidString(text) { // half a surrogate pair
		return b, false
	}
	return append(b, text...), true
}

// Member finds a member of an object, as json_tuple writes it: a text as such.
// Of members of one name the last one counts that is not null. It is false
// where there is none.
func (v Value) Member(b []byte, name string) ([]byte, bool) {
	for i := len(v.Names) - 1; i >= 0; i-- {
		if v.Names[i] == name && v.Items[i].Kind != Null {
			return Path{}.Get(b, v.Items[i])
		}
	}
	return b, false
}

// finder finds values and writes them: behind [*] Spark has another generator,
// which writes no escapes.
type finder struct {
	write func(b []byte, v Value) []byte
}

// find appends what is found, each as its text.
func (f finder) find(p Path, out []string, v Value, s style) ([]string, bool) {
	switch {
	case len(p) == 0 && v.Kind == String && s == raw:
		return append(out, v.Text), true
	case len(p) == 0 && v.Kind == Array && s == flat:
		found := false
		for _, item := range v.Items {
			var ok bool
			out, ok = f.find(p, out, item, s)
			found = found || ok
		}
		return out, found
	case len(p) == 0:
		return append(out, string(f.write(nil, v))), true
	case v.Kind == Object && p[0].name != "":
		return f.member(p, out, v, s)
	case v.Kind != Array || p[0].name != "":
		return out, false
	case p[0].all:
		return f.elements(p, out, v, s)
	case p[0].index >= len(v.Items):
		return out, false
	}
	if len(p) > 1 && p[1].all {
		s = quoted
	}
	return f.find(p[1:], out, v.Items[p[0].index], s)
}

// member looks for the first member of the name in which something is found.
func (f finder) member(p Path, out []string, v Value, s style) ([]string, bool) {
	for i, name := range v.Names {
		if name != p[0].name || v.Items[i].Kind == Null {
			continue
		}
		var ok bool // what is not found may have left an empty array
		if out, ok = f.find(p[1:], out, v.Items[i], s); ok {
			return out, true
		}
	}
	return out, false
}

// elements looks into all elements. Two such steps give one array, and one that
// finds one value gives it without an array.
func (f finder) elements(p Path, out []string, v Value, s style) ([]string, bool) {
	rest, next, always := p[1:], quoted, s == quoted
	if len(p) > 1 && p[1].all {
		rest, next, always = p[2:], flat, true
	} else if s == flat {
		next = flat
	}
	if !always {
		f.write = appendUnescaped
	}
	var found []string
	n := 0
	for _, item := range v.Items {
		var ok bool
		if found, ok = f.find(rest, found, item, next); ok {
			n++
		}
	}
	text := strings.Join(found, ",")
	if n > 1 || always {
		text = "[" + text + "]"
	}
	if n > 0 || always {
		out = append(out, text)
	}
	return out, n > 0
}

// isName reports whether a part of a path is a name alone. A star matches
// nothing in Spark, and what begins with a blank another name.
func isName(part string) bool {
	return part != "" && part[0] > ' ' && !strings.ContainsAny(part, `'?*`)
}
