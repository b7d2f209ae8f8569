package answers

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/mlpdev/mlp/pkg/engine/enginetest"
)

// Spark is a session of real Spark in a process of its own.
type Spark struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// Evaluated is what Spark makes of an expression: the values for each row, group
// or table, as it prints them, or what is wrong.
type Evaluated struct {
	Type   string  `json:"t"`
	Values []Value `json:"a"`
	Error  string  `json:"error"`
}

// StartSpark runs the script evaluate.py with a Python that has PySpark.
func StartSpark(python, script string) (*Spark, error) {
	s := &Spark{process: exec.Command(python, script)}
	s.process.Stderr = os.Stderr
	in, err := s.process.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start Spark: %w", err)
	}
	out, err := s.process.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start Spark: %w", err)
	}
	s.in, s.out = in, bufio.NewReaderSize(out, 1<<20)
	if err := s.process.Start(); err != nil {
		return nil, fmt.Errorf("start Spark: %w", err)
	}
	return s, nil
}

// Close ends the session.
func (s *Spark) Close() error {
	if err := s.in.Close(); err != nil {
		return fmt.Errorf("end Spark: %w", err)
	}
	if err := s.process.Wait(); err != nil {
		return fmt.Errorf("end Spark: %w", err)
	}
	return nil
}

// Fill sets the table that expressions are evaluated over. The column row numbers
// its rows.
func (s *Spark) Fill(table enginetest.Table, row string) error {
	request := struct {
		view
		Row string `json:"row"`
	}{viewOf(table), row}
	return s.ask(request, &struct{}{})
}

// Evaluate evaluates expressions, so many in a statement; those of which it
// fails, in smaller ones. One of the kind Generated is the array of what a row
// gets, and has a value for each row.
func (s *Spark) Evaluate(kind Kind, exprs []string, perStatement int) ([]Evaluated, error) {
	if kind == Generated {
		kind = EachRow
	}
	var out []Evaluated
	request := struct {
		Kind  Kind     `json:"kind"`
		Exprs []string `json:"exprs"`
		Size  int      `json:"size"`
	}{kind, exprs, perStatement}
	if err := s.ask(request, &out); err != nil {
		return nil, err
	}
	if len(out) != len(exprs) {
		return nil, fmt.Errorf("ask Spark: %d answers to %d questions", len(out), len(exprs))
	}
	return out, nil
}

func (s *Spark) ask(request, reply any) error {
	lines := json.NewEncoder(s.in)
	lines.SetEscapeHTML(false)
	if err := lines.Encode(request); err != nil {
		return fmt.Errorf("ask Spark: %w", err)
	}
	line, err := s.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("ask Spark: %w", err)
	}
	if err := json.Unmarshal(line, reply); err != nil {
		return fmt.Errorf("ask Spark: %w", err)
	}
	return nil
}
