package score

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/sql"
)

// Where a session ends depends on its records, so what is open is found by
// computing the sessions. Records of sessions that were scored must not stand in
// the next ones, however long they are kept for another model: the state says
// for which models' sessions it keeps a record.

// sessions reports whether the chain's windows are sessions.
func (c *Chain) sessions() bool { return c.gap() > 0 }

// gap is how far before a session a record of it may lie, in microseconds.
func (c *Chain) gap() int64 {
	if c.windowed() {
		return c.FeatureSet.Group.Window.Gap
	}
	return 0
}

// lag is how far behind the end of a window, in microseconds, the watermark has
// to be: a record at the very end of a session belongs to it.
func (c *Chain) lag() int64 {
	if c.sessions() {
		return 1
	}
	return 0
}

// ofChain returns the condition for the records that a chain's windows may hold:
// of a state that a model has been through, a model of sessions reads those that
// are kept for it. Empty means all.
func (r *groupRun) ofChain(c *Chain) string {
	if _, seen := r.State.watermark(c); !seen || !c.sessions() {
		return ""
	}
	condition := fmt.Sprintf("_file >= %d", r.newFrom)
	var own []string
	for i, s := range r.State.Open {
		if slices.Contains(s.Sessions, c.Model) {
			own = append(own, fmt.Sprint(i))
		}
	}
	if len(own) > 0 {
		condition += " OR _file IN (" + strings.Join(own, ", ") + ")"
	}
	return condition
}

// sessionEnds renders the records that are in sessions of a chain, whatever is
// said of those: an open one may meet a condition when it is complete. The
// columns are _file, _rec, and _end, the time with which the last of a record's
// sessions is complete.
func (r *groupRun) sessionEnds(c *Chain) string {
	rows := c.FeatureSet.Relation(chosen(r.ofChain(c)), nil)
	for rows.Group == nil {
		rows = *rows.From
	}
	rows.Outputs, rows.Having, rows.Members = nil, nil, true
	return fmt.Sprintf("SELECT %s, max(e) AS _end FROM (SELECT unnest(%s) AS m, epoch_us(%s) + %d AS e FROM (%s)) GROUP BY ALL",
		sql.MemberIDs("m", "_file", "_rec"), sql.Quote(sql.MembersColumn), sql.Quote(sql.WindowEnd), c.lag(), rows.DuckDB())
}
