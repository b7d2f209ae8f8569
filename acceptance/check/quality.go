package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/mlpdev/mlp/pkg/run"
)

// leastF1 is what the model of generated domain names must reach on a random
// split: hand-made features reach 0.753 there, character n-grams 0.854.
const leastF1 = 0.82

// networkBehind is how far a network may be behind a forest on the same rows.
const networkBehind = 0.02

// quality reads what the models reached, and holds it against what is known of
// the data.
func (c *check) quality(ctx context.Context) error {
	out, err := c.output(ctx, c.project, "model", "ls", "--format", "json")
	if err != nil {
		return err
	}
	var listed struct {
		Models []struct {
			Model      string               `json:"model"`
			State      string               `json:"state"`
			Evaluation *run.EvaluationEntry `json:"evaluation"`
		} `json:"models"`
	}
	if err := json.Unmarshal(out, &listed); err != nil {
		return err
	}
	reached := map[string]*run.EvaluationEntry{}
	for _, m := range listed.Models {
		if m.State != "passed" || m.Evaluation == nil {
			return fmt.Errorf("model %s is %s", m.Model, m.State)
		}
		reached[m.Model] = m.Evaluation
	}
	for _, name := range []string{"dga", "dga_families", "shell_command", "web_param", "web_network", "unusual_flow"} {
		if reached[name] == nil {
			return fmt.Errorf("there is no model %s", name)
		}
	}
	random, families := f1(reached["dga"]), f1(reached["dga_families"])
	fmt.Printf("dga: F1 %.3f on a random split; %.3f on families never seen, which is the honest figure\n", random, families)
	if random < leastF1 {
		return fmt.Errorf("dga: F1 is %.3f, below %.2f", random, leastF1)
	}
	shell := reached["shell_command"].Metrics
	fmt.Printf("shell_command: recall %s · precision %s\n", shell.Recall, shell.Precision)
	network, forest := f1(reached["web_network"]), f1(reached["web_param"])
	fmt.Printf("web_network: F1 %.3f by a network, %.3f by a forest\n", network, forest)
	if network < forest-networkBehind {
		return fmt.Errorf("web_network: F1 is %.3f, more than %.2f below that of web_param", network, networkBehind)
	}
	fmt.Printf("unusual_flow: recall %s on a scan like none that it has learnt from\n", reached["unusual_flow"].Metrics.Recall)
	return nil
}

// f1 is the harmonic mean of precision and recall at the model's threshold.
func f1(e *run.EvaluationEntry) float64 {
	precision, recall := e.Metrics.Precision.Rate, e.Metrics.Recall.Rate
	if precision+recall == 0 {
		return 0
	}
	return 2 * precision * recall / (precision + recall)
}
