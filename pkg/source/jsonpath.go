package source

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxPath is how many dots an address may have.
const maxPath = 32

// CheckPath says what is wrong with an address of [JSON]; empty: nothing.
func CheckPath(address string) string {
	if strings.Count(address, ".") > maxPath {
		return fmt.Sprintf("raw address %q has more than %d dots", address, maxPath)
	}
	return ""
}

// jsonNode is what may stand below some keys, which joined by dots are the
// beginning of addresses.
type jsonNode struct {
	keys  map[string]*jsonKey
	items map[int]*jsonKey // those that are positions in an array
}

// jsonKey is a key that leads to values.
type jsonKey struct {
	dots    int       // in the key
	depth   int       // dots of an address up to the end of the key
	outputs []int     // whose address ends here
	next    *jsonNode // nil: no address goes on
	all     []int     // outputs that end here or below
	// visits are the ranks under which the current record has had the key.
	record int64
	visits []uint64
}

// jsonFound is a value that an address leads to. Where keys have dots, an
// address may lead to several: its rank has a bit for each dot of the address,
// the first one highest, that is set where the dot is part of a key. So the
// highest rank is that of the longest keys.
type jsonFound struct {
	output int
	rank   uint64
	value  []byte
}

// newJSONNode returns the node of the root for some addresses.
func newJSONNode(addresses []string) (*jsonNode, error) {
	byPrefix := map[string]*jsonNode{}
	node := func(prefix string) *jsonNode {
		if byPrefix[prefix] == nil {
			byPrefix[prefix] = &jsonNode{keys: map[string]*jsonKey{}, items: map[int]*jsonKey{}}
		}
		return byPrefix[prefix]
	}
	for output, address := range addresses {
		if problem := CheckPath(address); problem != "" {
			return nil, errors.New(problem)
		}
		// Each part between two ends, the beginning and the dots, may be a key.
		ends := []int{-1}
		for i := range len(address) {
			if address[i] == '.' {
				ends = append(ends, i)
			}
		}
		ends = append(ends, len(address))
		for i, start := range ends[:len(ends)-1] {
			from := node(address[:start+1])
			for _, end := range ends[i+1:] {
				key := from.key(address[start+1 : end])
				key.depth = strings.Count(address[:end], ".")
				if !slices.Contains(key.all, output) {
					key.all = append(key.all, output)
				}
				if end == len(address) {
					key.outputs = append(key.outputs, output)
				} else {
					key.next = node(address[:end+1])
				}
			}
		}
	}
	return node(""), nil
}

// key returns a key of a node, which has it from then on.
func (n *jsonNode) key(text string) *jsonKey {
	k := n.keys[text]
	if k == nil {
		k = &jsonKey{dots: strings.Count(text, ".")}
		n.keys[text] = k
		if at, err := strconv.Atoi(text); err == nil && at >= 0 && strconv.Itoa(at) == text {
			n.items[at] = k
		}
	}
	return k
}

// jsonColumns are the columns of a JSON shape.
type jsonColumns struct {
	addresses []string
	required  int
	dots      []int // by output
	root      *jsonNode
	scan      jsonScan
	record    int64
	found     []jsonFound
	best      []int // by output: its value in found; -1: none
}

func (j *JSON) columns(o *Options, _ limits) (columns, error) {
	c := &jsonColumns{addresses: o.addresses(), required: len(o.Raw)}
	var err error
	if c.root, err = newJSONNode(c.addresses); err != nil {
		return nil, err
	}
	for _, address := range c.addresses {
		c.dots = append(c.dots, strings.Count(address, "."))
	}
	c.best = make([]int, len(c.addresses))
	return c, nil
}

func (c *jsonColumns) read(r *Reader, b *Batch, line []byte) (reason string) {
	c.record++
	c.found = c.found[:0]
	c.scan = jsonScan{columns: c, text: line, arena: r.arena}
	reason = c.scan.line(c.root)
	r.arena = c.scan.arena
	if reason != "" {
		return reason
	}
	for output := range c.best {
		c.best[output] = -1
	}
	for i, f := range c.found {
		if best := c.best[f.output]; best < 0 || f.rank >= c.found[best].rank {
			c.best[f.output] = i
		}
	}
	for output, i := range c.best {
		if i < 0 {
			if output < c.required {
				return ReasonMissing + c.addresses[output]
			}
			b.Columns[output][b.N] = nil
			continue
		}
		r.found[output] = true
		b.Columns[output][b.N] = c.found[i].value
	}
	return ""
}

// visit notes that a key stands in the record under a rank: if not for the
// first time, what it gave before does not count.
func (c *jsonColumns) visit(k *jsonKey, rank uint64) {
	if k.record != c.record {
		k.record, k.visits = c.record, k.visits[:0]
	}
	if slices.Contains(k.visits, rank) {
		c.found = slices.DeleteFunc(c.found, func(f jsonFound) bool {
			if !slices.Contains(k.all, f.output) {
				return false
			}
			// What was found below the key has its rank, and behind that no
			// bit for the dot after the key.
			below := c.dots[f.output] - k.depth
			return below == 0 && f.rank == rank || below > 0 && f.rank>>(below-1) == rank<<1
		})
		return
	}
	k.visits = append(k.visits, rank)
}

// compact appends JSON without white space between its tokens.
func compact(dst, src []byte) []byte {
	for len(src) > 0 {
		i := bytes.IndexAny(src, "\" \t\r\n")
		if i < 0 {
			return append(dst, src...)
		}
		dst = append(dst, src[:i]...)
		src = src[i:]
		if src[0] != '"' {
			src = src[1:]
			continue
		}
		end := 1
		for src[end] != '"' {
			if src[end] == '\\' {
				end++
			}
			end++
		}
		dst = append(dst, src[:end+1]...)
		src = src[end+1:]
	}
	return dst
}
