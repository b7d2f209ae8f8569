package run

import (
	"context"
	"slices"

	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/sql"
)

// tally is what is true of numbered rows or records, a few bits each.
type tally struct {
	n                          int64
	attack, benign, unlabelled bits // on the test side
}

func newTally(n int64) *tally {
	return &tally{n: n, attack: newBits(n), benign: newBits(n), unlabelled: newBits(n)}
}

// note notes what is true of one; whole says that all are on the test side.
func (t *tally) note(i int64, truth score.Truth, whole bool) {
	switch {
	case !whole && truth.Side != sql.TestSide:
	case truth.Attack == nil:
		t.unlabelled.set(i)
	case *truth.Attack:
		t.attack.set(i)
	default:
		t.benign.set(i)
	}
}

// only forgets what is not in a set.
func (t *tally) only(in bits) {
	for _, b := range []bits{t.attack, t.benign, t.unlabelled} {
		for i := range b {
			b[i] &= in[i]
		}
	}
}

// difference is a kind of what two models decide differently.
type difference int

const (
	newlyCaught difference = iota
	newlyMissed
	newlyFlagged
	noLongerFlagged
)

// count adds the decisions on what the released model has not seen, and returns
// the first that differ, by kind.
func (c *comparer) count(t *tally, seen bits, decide func(i int64) (before, after bool)) map[difference][]int64 {
	out := map[difference][]int64{}
	for i := range t.n {
		attack, benign := t.attack.has(i), t.benign.has(i)
		switch {
		case t.unlabelled.has(i):
			c.entry.Unlabelled++
			continue
		case !attack && !benign:
			continue
		case seen.has(i):
			c.entry.Seen++
			continue
		}
		before, after := decide(i)
		paired, kinds := &c.entry.Benign, [2]difference{noLongerFlagged, newlyFlagged}
		if attack {
			paired, kinds = &c.entry.Attacks, [2]difference{newlyMissed, newlyCaught}
		}
		paired.Add(before, after)
		if before != after {
			kind := kinds[0]
			if after {
				kind = kinds[1]
			}
			if len(out[kind]) < maxExamples {
				out[kind] = append(out[kind], i)
			}
		}
	}
	return out
}

// example names one that is decided differently, if there is room.
func (c *comparer) example(kind difference, e Example) {
	list := map[difference]*[]Example{newlyCaught: &c.entry.NewlyCaught, newlyMissed: &c.entry.NewlyMissed,
		newlyFlagged: &c.entry.NewlyFlagged, noLongerFlagged: &c.entry.NoLongerFlagged}[kind]
	if len(*list) < maxExamples {
		*list = append(*list, e)
	}
}

// nameRows names rows that are decided differently.
func (c *comparer) nameRows(ctx context.Context, k *capture, rows decider, differ map[difference][]int64) error {
	for kind, list := range differ {
		slices.Sort(list)
		named, err := rows.Identify(ctx, list)
		if err != nil {
			return err
		}
		for _, row := range named {
			e := Example{Contribution: k.Name, Key: row.Key, Start: row.Start, End: row.End}
			if row.Record != nil {
				e = k.example(int(row.File), row.Record)
			}
			c.example(kind, e)
		}
	}
	return nil
}
