package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/plan"
)

// change edits one feature: that column, and the one that reads it in a set
// above, are computed a capture, and only the models that read them are
// trained.
func (c *check) change(ctx context.Context) error {
	path := filepath.Join(c.project, "specs/features/source_5min.textproto")
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	edited := bytes.Replace(text, []byte("IN (80, 443)"), []byte("IN (80, 443, 8080)"), 1)
	if bytes.Equal(text, edited) {
		return fmt.Errorf("%s: no feature to edit", path)
	}
	if err := os.WriteFile(path, edited, 0o644); err != nil {
		return err
	}
	if _, err := c.call(ctx, c.project, "plan"); err != nil {
		return err
	}
	p, err := c.plan(ctx)
	if err != nil {
		return err
	}
	// What a killed run did, the plain one does not do again: its output is not
	// looked at then.
	captures := len(c.dataset("inbound_attack").spec.GetContributions())
	want := map[string]int{
		"features feature/source_5min.web_ratio": captures,
		"features feature/source_hour.web":       captures,
		"train model/inbound_source":             1,
		"train model/inbound_hour":               1,
	}
	if got := work(p); !maps.Equal(got, want) {
		return fmt.Errorf("an edited feature makes %v, want %v", got, want)
	}
	out, err := c.call(ctx, c.project, "apply")
	if err == nil && c.killer == nil && !bytes.HasPrefix(out, fmt.Appendf(nil, "Applied: %d columns, 2 models trained", 2*captures)) {
		err = errors.New("apply did not do what was planned")
	}
	return err
}

// work counts what a plan computes and trains: each column by its address.
func work(p *plan.Plan) map[string]int {
	out := map[string]int{}
	for _, s := range p.Steps {
		switch s.Kind {
		case plan.Parse, plan.Features:
			for _, column := range s.Columns {
				out[string(s.Kind)+" "+column]++
			}
			if len(s.Columns) == 0 {
				out[string(s.Kind)+" rows of "+s.Target]++
			}
		case plan.TrainOn:
			out[string(s.Kind)+" "+s.Target]++
		}
	}
	return out
}

func (c *check) dataset(name string) golden {
	i := slices.IndexFunc(c.golden, func(g golden) bool { return g.name == name })
	return c.golden[i]
}

// feedback takes the way back: an alert on a log that no model knows gets a
// verdict, becomes a contribution, and the models of its dataset are released
// anew.
func (c *check) feedback(ctx context.Context) error {
	raw, err := c.find("003-androidrat-conn.log")
	if err != nil {
		return err
	}
	out, err := c.output(ctx, c.dir, "score", "--dir", "site", "--parser", "zeek_conn", "--final", raw)
	if err != nil {
		return err
	}
	alerts := filepath.Join(c.dir, "new-alerts.jsonl")
	if err := os.WriteFile(alerts, out, 0o644); err != nil {
		return err
	}
	alert, err := alertOf(out, "inbound_conn")
	if err != nil {
		return err
	}
	if _, err := c.call(ctx, c.project, "feedback", "add", "--alert", alert.ID.String(), "--alerts", alerts, "--verdict", "benign", "--note", "a phone of the lab"); err != nil {
		return err
	}
	shown, err := c.call(ctx, c.project, "plan")
	if err != nil {
		return err
	}
	affected := []string{"dataset/inbound_attack", "model/inbound_conn", "model/inbound_source", "model/inbound_hour"}
	for _, address := range affected {
		if !strings.Contains(string(shown), address) {
			return fmt.Errorf("the plan after a verdict does not name %s", address)
		}
	}
	p, err := c.plan(ctx)
	if err != nil {
		return err
	}
	for what := range work(p) {
		if target, ok := strings.CutPrefix(what, "train "); ok && !slices.Contains(affected, target) {
			return fmt.Errorf("a verdict on an alert of inbound_conn trains %s", target)
		}
	}
	out, err = c.call(ctx, c.project, "apply")
	if err == nil && c.killer == nil && !bytes.Contains(out, []byte("3 models trained")) {
		err = errors.New("apply did not train the models of the dataset")
	}
	return err
}

// alertOf returns the first alert of a model.
func alertOf(lines []byte, model string) (alert.Alert, error) {
	alerts, err := readAlerts(lines)
	if err != nil {
		return alert.Alert{}, err
	}
	if i := slices.IndexFunc(alerts, func(a alert.Alert) bool { return a.Model == model }); i >= 0 {
		return alerts[i], nil
	}
	return alert.Alert{}, fmt.Errorf("no alert of %s", model)
}

// alertIDs returns which alerts there are, sorted, each once.
func alertIDs(lines []byte) ([]string, error) {
	alerts, err := readAlerts(lines)
	var out []string
	for _, a := range alerts {
		out = append(out, a.ID.String())
	}
	slices.Sort(out)
	return slices.Compact(out), err
}

func readAlerts(lines []byte) ([]alert.Alert, error) {
	var out []alert.Alert
	decoder := json.NewDecoder(bytes.NewReader(lines))
	for {
		var a alert.Alert
		if err := decoder.Decode(&a); err == io.EOF {
			return out, nil
		} else if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
}
