package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/sql"
)

// Side counts the rows of one side of the split.
type Side struct {
	Attacks    int `json:"attacks"`
	Benign     int `json:"benign"`
	Unlabelled int `json:"unlabelled"`
}

// Sides counts the rows of a model by the side of the split.
type Sides struct {
	Train Side `json:"train"`
	Test  Side `json:"test"`
	// Unsplit rows are on no side, as what the split goes by is NULL; Mixed ones
	// have records of both sides, or of one and none. Neither train nor test.
	Unsplit int `json:"unsplit"`
	Mixed   int `json:"mixed"`
}

// inModel is the condition for the rows that a model learns from or is tested
// on.
const inModel = `"` + sql.LabelColumn + `" IS NOT NULL AND "` + sql.SideColumn + `" IN ('` + sql.TrainSide + `', '` + sql.TestSide + `')`

// sides counts the rows of a model.
func (r *Runner) sides(ctx context.Context, m *compile.Model) (Sides, error) {
	var out Sides
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return out, err
	}
	defer conn.Close()
	for _, k := range m.Dataset.Contributions {
		of, err := r.contributionSides(ctx, conn, m, k)
		if err != nil {
			return out, err
		}
		out.Add(of)
	}
	return out, nil
}

// contributionSides counts the rows of a model that one contribution gives.
func (r *Runner) contributionSides(ctx context.Context, conn *duckdb.Conn, m *compile.Model, k *compile.Contribution) (Sides, error) {
	var out Sides
	from, err := r.capture(ctx, m, k, nil)
	if err != nil {
		return out, err
	}
	query := fmt.Sprintf("SELECT coalesce(%[1]s, ''), coalesce(%[2]s::TINYINT, -1)::BIGINT, count(*)::BIGINT FROM (%[3]s) GROUP BY ALL",
		sql.Quote(sql.SideColumn), sql.Quote(sql.LabelColumn), from)
	err = conn.Query(ctx, query, func(row []any) error {
		side, ok1 := row[0].(string)
		label, ok2 := row[1].(int64)
		n, ok3 := row[2].(int64)
		if !ok1 || !ok2 || !ok3 {
			return fmt.Errorf("count the sides of model/%s: unexpected types", m.Name)
		}
		out.add(side, label, int(n))
		return nil
	})
	return out, err
}

// ContributionSides counts the rows of a model that one contribution gives. It
// is nil where the store does not have them.
func (r *Runner) ContributionSides(ctx context.Context, m *compile.Model, k *compile.Contribution) (*Sides, error) {
	conn, err := r.DB.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	out, err := r.contributionSides(ctx, conn, m, k)
	if errors.Is(err, errNoColumn) {
		return nil, nil
	}
	return &out, err
}

// Add adds the rows of another contribution.
func (s *Sides) Add(o Sides) {
	s.Train.add(o.Train)
	s.Test.add(o.Test)
	s.Unsplit, s.Mixed = s.Unsplit+o.Unsplit, s.Mixed+o.Mixed
}

func (s *Side) add(o Side) {
	s.Attacks, s.Benign, s.Unlabelled = s.Attacks+o.Attacks, s.Benign+o.Benign, s.Unlabelled+o.Unlabelled
}

// add counts rows of a side and a label: 1, 0 or -1 for none.
func (s *Sides) add(side string, label int64, n int) {
	var of *Side
	switch side {
	case sql.TrainSide:
		of = &s.Train
	case sql.TestSide:
		of = &s.Test
	case sql.MixedSide:
		s.Mixed += n
		return
	default:
		s.Unsplit += n
		return
	}
	switch label {
	case 1:
		of.Attacks += n
	case 0:
		of.Benign += n
	default:
		of.Unlabelled += n
	}
}

// OneClassError says that the train side of a model lacks a class, so that
// there is nothing to tell apart.
type OneClassError struct {
	Model string
	Sides Sides
}

// Error names the side and counts its rows.
func (e *OneClassError) Error() string {
	s := e.Sides
	text := fmt.Sprintf("the train side of model %s has %d attack and %d benign rows (%d unlabelled); it needs both", e.Model, s.Train.Attacks, s.Train.Benign, s.Train.Unlabelled)
	if s.Unsplit+s.Mixed > 0 {
		text += fmt.Sprintf("; %d rows are on no side of the split, %d on both", s.Unsplit, s.Mixed)
	}
	return text
}

// Hint says what to do.
func (e *OneClassError) Hint() string {
	return "look at the labels of the dataset's contributions and at its split"
}
