package lineage

import (
	"cmp"
	"slices"
	"strings"
)

// Layer is a column of the drawing: sets that read none of each other.
type Layer struct {
	Sets []*Set
}

// Title names the kinds in a layer: "Feature sets, datasets".
func (l Layer) Title() string {
	var names []string
	for _, s := range l.Sets {
		if p := plural(s.Node.Kind); !slices.Contains(names, p) {
			names = append(names, p)
		}
	}
	text := strings.Join(names, ", ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

// Layers arranges the sets for drawing (Sugiyama, Tagawa and Toda 1981): each
// set is right of all that it reads, what reads nothing stands as far right as
// its readers allow, and the order in a layer keeps lines from crossing.
func (l *Lineage) Layers() []Layer {
	sets := l.Sets()
	at := map[string]*Set{}
	for _, s := range sets {
		at[s.Node.Address] = s
	}
	depth := map[*Set]int{}
	for _, s := range sets { // after what they read
		for _, a := range s.Reads {
			depth[s] = max(depth[s], depth[at[a]]+1)
		}
	}
	readBy := map[*Set][]*Set{}
	for _, s := range sets {
		for _, a := range s.Reads {
			readBy[at[a]] = append(readBy[at[a]], s)
		}
	}
	// Parsers begin the flow; other sources are read beside it.
	for _, s := range sets {
		if len(s.Reads) > 0 || len(readBy[s]) == 0 || s.Node.Kind == "parser" {
			continue
		}
		nearest := depth[readBy[s][0]]
		for _, r := range readBy[s] {
			nearest = min(nearest, depth[r])
		}
		depth[s] = nearest - 1
	}
	var layers []Layer
	for _, s := range sets {
		for len(layers) <= depth[s] {
			layers = append(layers, Layer{})
		}
		layers[depth[s]].Sets = append(layers[depth[s]].Sets, s)
	}
	layers = slices.DeleteFunc(layers, func(l Layer) bool { return len(l.Sets) == 0 })
	uncross(layers, at, readBy)
	return layers
}

// uncross sorts each layer by the mean place of the neighbours, forth and back
// a few times.
func uncross(layers []Layer, at map[string]*Set, readBy map[*Set][]*Set) {
	place := map[*Set]float64{}
	note := func(l Layer) {
		for i, s := range l.Sets {
			// Relative, so that layers of different lengths compare.
			place[s] = (float64(i) + 0.5) / float64(len(l.Sets))
		}
	}
	for _, l := range layers {
		slices.SortStableFunc(l.Sets, func(a, b *Set) int {
			return cmp.Or(rank(a.Node.Kind)-rank(b.Node.Kind), strings.Compare(a.Node.Address, b.Node.Address))
		})
		note(l)
	}
	sources := func(s *Set) []*Set {
		out := make([]*Set, len(s.Reads))
		for i, a := range s.Reads {
			out[i] = at[a]
		}
		return out
	}
	arrange := func(l Layer, neighbours func(*Set) []*Set) {
		want := map[*Set]float64{}
		for _, s := range l.Sets {
			near := neighbours(s)
			for _, n := range near {
				want[s] += place[n] / float64(len(near))
			}
			if len(near) == 0 {
				want[s] = place[s]
			}
		}
		slices.SortStableFunc(l.Sets, func(a, b *Set) int { return cmp.Compare(want[a], want[b]) })
		note(l)
	}
	const sweeps = 4
	for range sweeps {
		for _, l := range layers[min(1, len(layers)):] {
			arrange(l, sources)
		}
		for i := len(layers) - 2; i >= 0; i-- {
			arrange(layers[i], func(s *Set) []*Set { return readBy[s] })
		}
	}
}
