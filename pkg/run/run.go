// Package run executes the steps of a plan: raw chunks become columns, columns
// become models, models are measured and released. Every step first looks for
// what it would make, and what it makes is stored under its key; so a run that
// was interrupted is finished by running again.
package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/plan"
	"github.com/mlpdev/mlp/pkg/sql"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/trainer"
)

// Trainer trains one model at a time; a *trainer.Pool is one.
type Trainer interface {
	Train(ctx context.Context, r trainer.Request, event func(trainer.Event)) (trainer.Result, error)
}

// Progress is told what a run is doing.
type Progress interface {
	// Phase begins a phase of so many steps.
	Phase(name string, total int)
	// Step says that a step of the phase is done.
	Step(label string)
	// Doing says what the step is at that is being done, in a few words.
	Doing(label string)
	// Note adds a line worth reading.
	Note(text string)
}

// Runner executes plans. Its fields are set before the first call.
type Runner struct {
	Store   store.Store
	Index   *Index
	Program *compile.Program
	// DB may read and write Scratch and the cache's directory, and the store's
	// if it has one.
	DB *duckdb.DB
	// Spark, if set, computes columns; the rest is DuckDB's all the same.
	Spark   *Spark
	Scratch string // directory for this run alone
	Cache   *store.Cache
	// ONNX loads the runtime when it is first needed.
	Trainer  Trainer
	ONNX     func(ctx context.Context) (*onnx.Runtime, error)
	Progress Progress
	Now      func() time.Time
	Release  ReleaseOptions

	sequence sync.Mutex
	files    int
}

// Result says what a run did.
type Result struct {
	Columns  int        // computed
	Trained  []string   // models
	Held     []Held     // models that their gates held
	Releases []Released // by channel
	// Evaluated says in a line a model what was measured.
	Evaluated []string

	judged []*judged
}

// judged is a model that was evaluated or compared in a run.
type judged struct {
	model      string
	comparison *ComparisonEntry
}

// judge returns what is known of a model that is being judged.
func (r *Result) judge(model string) *judged {
	for _, j := range r.judged {
		if j.model == model {
			return j
		}
	}
	j := &judged{model: model}
	r.judged = append(r.judged, j)
	return j
}

// Held is a model that its gates did not let through.
type Held struct {
	Model   string
	Reasons []string
	// Keeps says what the channel keeps: "local#3", or "" for nothing.
	Keeps string
}

// Apply executes the steps of a plan, in order.
func (r *Runner) Apply(ctx context.Context, p *plan.Plan) (*Result, error) {
	out := &Result{}
	parallel := runtime.GOMAXPROCS(0)
	phases := []phase{
		{"columns", plan.Parse, r.parseStep, parallel},
		{"", plan.Features, r.featuresStep, parallel}, // goes on with the columns
		{"train", plan.TrainOn, r.trainStep, 1},
		{"gates", plan.Evaluate, r.evaluateStep, 1},
		{"", plan.Compare, r.compareStep, 1}, // goes on with the gates
		{"release", plan.Release, r.releaseStep, 1},
	}
	for i, ph := range phases {
		total := p.StepsOf(ph.kind)
		for _, next := range phases[i+1:] {
			if next.name != "" {
				break
			}
			total += p.StepsOf(next.kind)
		}
		if ph.name != "" {
			r.Progress.Phase(ph.name, total)
		}
		if err := ph.run(ctx, p, out); err != nil {
			return out, err
		}
	}
	if err := r.describe(ctx, out); err != nil {
		return out, err
	}
	out.Columns = p.Columns()
	if err := r.writeApplied(ctx); err != nil {
		return out, err
	}
	return out, r.Held(ctx, out)
}

// phase is the steps of one kind.
type phase struct {
	name  string
	kind  plan.StepKind
	do    func(ctx context.Context, s plan.Step, out *Result) error
	width int // steps that run at a time
}

func (ph phase) run(ctx context.Context, p *plan.Plan, out *Result) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(ph.width)
	for _, s := range p.Steps {
		if s.Kind != ph.kind {
			continue
		}
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := ph.do(ctx, s, out); err != nil {
				return fmt.Errorf("%s %s: %w", s.Kind, s.Target, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// path returns a new file name in the scratch directory.
func (r *Runner) path(suffix string) string {
	r.sequence.Lock()
	defer r.sequence.Unlock()
	r.files++
	return filepath.Join(r.Scratch, strconv.Itoa(r.files)+suffix)
}

// keep stores a file as an object and removes it.
func (r *Runner) keep(ctx context.Context, path string) (digest.Digest, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return digest.Digest{}, 0, err
	}
	defer f.Close()
	d, size, err := digest.OfReader(f)
	if err != nil {
		return digest.Digest{}, 0, err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return digest.Digest{}, 0, err
	}
	if err := r.Store.Put(ctx, d, f); err != nil {
		return digest.Digest{}, 0, err
	}
	return d, size, r.Cache.Take(r.Store, d, path)
}

// local returns paths of local files with the objects' bytes.
func (r *Runner) local(ctx context.Context, objects []digest.Digest) ([]string, error) {
	out := make([]string, len(objects))
	for i, d := range objects {
		path, err := r.Cache.Path(ctx, r.Store, d)
		if err != nil {
			return nil, err
		}
		out[i] = path
	}
	return out, nil
}

// table computes a relation once, so that several files can be written of it.
func table(ctx context.Context, c *duckdb.Conn, name, query string) error {
	return c.Exec(ctx, "CREATE OR REPLACE TEMP TABLE "+name+" AS "+query)
}

// count returns the result of a query that yields one whole number.
func count(ctx context.Context, c *duckdb.Conn, query string) (int64, error) {
	var n int64
	err := c.Query(ctx, query, func(row []any) error {
		v, ok := row[0].(int64)
		if !ok {
			return fmt.Errorf("want a whole number, got %T", row[0])
		}
		n = v
		return nil
	})
	return n, err
}

// identifiers quotes names and joins them with commas.
func identifiers(names ...string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = sql.Quote(n)
	}
	return strings.Join(quoted, ", ")
}

// errNoColumn says that something that an earlier step should have made is not
// there.
var errNoColumn = errors.New("not in the store; run apply again")
