package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/engine/duckdb"
	"github.com/mlpdev/mlp/pkg/feedback"
	"github.com/mlpdev/mlp/pkg/pull"
	"github.com/mlpdev/mlp/pkg/score"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/store"
)

// fileVerdicts signs verdicts at a site and files them in its store.
func (o *feedbackAddOptions) fileVerdicts(ctx context.Context) error {
	if _, err := o.check(); err != nil {
		return err
	}
	site, err := o.readSite(o.config)
	if err != nil {
		return err
	}
	key, err := o.signer()
	if err != nil {
		return err
	}
	alerts, err := o.readAlerts()
	if err != nil {
		return err
	}
	s, err := o.openStore(site.GetStore(), "")
	if err != nil {
		return err
	}
	db, end, err := openScratchEngine(ctx, engineDirs{})
	if err != nil {
		return err
	}
	defer end()
	for _, a := range alerts {
		filed := feedback.Filed{Repository: site.GetRepository(), Environment: site.GetEnvironment(), Verdict: o.verdict, By: o.userName(),
			At: o.now().UTC(), Note: o.note, Alert: a}
		if filed.Segments, err = o.wholeAtSite(ctx, db, a); err != nil {
			return err
		}
		name, envelope, err := filed.Seal(key)
		if err != nil {
			return err
		}
		err = s.Create(ctx, name, envelope)
		if errors.Is(err, store.ErrExist) {
			if err := printf(o.stdout, "alert %s: %s was filed before\n", a.Short(), o.verdict); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		if err := printf(o.stdout, "alert %s: %s is filed, signed by %s (%s)\n", a.Short(), o.verdict, key.Name(), dsse.FormatPublic(key.Public())); err != nil {
			return err
		}
	}
	return nil
}

// wholeAtSite is whole where there is no project: the release that runs says
// which records a row is made of.
func (o *feedbackAddOptions) wholeAtSite(ctx context.Context, db *duckdb.DB, a alert.Alert) ([]alert.Segment, error) {
	if a.Complete() || len(o.logs) == 0 {
		return o.whole(ctx, db, a, nil)
	}
	active, err := pull.Current(o.path(o.dir))
	if err != nil {
		return nil, err
	}
	if err := active.Check(); err != nil {
		return nil, err
	}
	for _, m := range active.Record.Models {
		if m.Name != a.Model {
			continue
		}
		program, err := score.CompileTree(os.DirFS(active.Path("specs/" + m.Specs)))
		if err != nil {
			return nil, err
		}
		if set, ok := compile.ByName(program.FeatureSets, m.FeatureSet); ok {
			if err := feedback.CheckShape(a, set); err != nil {
				return nil, err
			}
			return o.whole(ctx, db, a, set)
		}
	}
	return nil, fmt.Errorf("alert %s: release %s has no model %s", a.Short(), active.Name(), a.Model)
}

type feedbackCollectOptions struct {
	verdictAdder
	quorum int
}

func newFeedbackCollectCmd(a *app) *cobra.Command {
	o := &feedbackCollectOptions{verdictAdder: verdictAdder{app: a}}
	cmd := &cobra.Command{
		Use:   "collect",
		Short: "Take up the verdicts that sites filed",
		Long: `Add the verdicts in the store's inbox to golden datasets, as mlp feedback add does:
those that a key under reporters of mlp.textproto signed. What is there already stays
in the inbox and is passed over. What its reporters do not agree on, what fewer than
--quorum keys gave, what contradicts a dataset and what does not verify is shown and
left; the status is 1 then.`,
		Args:    exactArgs(),
		Example: "  mlp feedback collect\n  mlp feedback collect --quorum 2",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.quorum < 1 {
				return &usageError{cmd: cmd, message: "--quorum is at least 1"}
			}
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().IntVar(&o.quorum, "quorum", 1, "keys that must have given a verdict: `N`")
	o.addFlags(cmd)
	return cmd
}

// leftError says that verdicts were left in the inbox.
type leftError struct{ n int }

func (e *leftError) Error() string {
	return fmt.Sprintf("%s left in the inbox", plural(e.n, "verdict"))
}
func (e *leftError) Hint() string {
	return "each is shown above with what keeps it"
}

func (o *feedbackCollectOptions) run(ctx context.Context) error {
	p, unlock, err := o.openLocked()
	if err != nil {
		return err
	}
	defer unlock()
	s, err := p.makeStore(ctx, o.app)
	if err != nil {
		return err
	}
	left := 0
	leave := func(what, why string) {
		left++
		_ = printf(o.stderr, "left: %s: %s\n", what, printable(why))
	}
	ballots, err := o.ballots(ctx, p, s, leave)
	if err != nil {
		return err
	}
	claims := o.claims(p, ballots, leave)
	db, end, err := openScratchEngine(ctx, engineDirs{})
	if err != nil {
		return err
	}
	defer end()
	refused, err := o.judge(ctx, feedback.Finder{Store: s, DB: db}, claims)
	if err != nil {
		return err
	}
	for _, c := range refused.contradicts {
		leave("alert "+c.Alert.Short(), "it contradicts the dataset; --confirm insists")
	}
	for _, c := range refused.repeats {
		leave("alert "+c.Alert.Short(), "the dataset has these records with this label")
	}
	claims = slices.DeleteFunc(claims, func(c *pending) bool {
		return slices.Contains(refused.contradicts, c) || slices.Contains(refused.repeats, c)
	})
	switch {
	case len(claims) > 0:
		err = o.add(ctx, p, s, claims)
	case left == 0:
		err = printf(o.stdout, "Nothing new is in the inbox.\n")
	}
	if err == nil && left > 0 {
		err = &leftError{left}
	}
	return err
}

// ballots reads the inbox, by alert in the order of their ids.
func (o *feedbackCollectOptions) ballots(ctx context.Context, p *project, s store.Store, leave func(what, why string)) ([]*feedback.Ballot, error) {
	listed, err := s.List(ctx, feedback.Inbox)
	if err != nil {
		return nil, err
	}
	reporters := trustedKeys(p.spec.GetReporters(), "")
	var out []*feedback.Ballot
	byAlert := map[digest.Digest]*feedback.Ballot{}
	for _, name := range listed {
		envelope, err := s.Read(ctx, name)
		if err != nil {
			return nil, err
		}
		f, key, err := feedback.Open(name, envelope, p.spec.GetName(), reporters)
		if err != nil {
			leave(name, err.Error())
			continue
		}
		if taken(p, f) {
			continue
		}
		b, ok := byAlert[f.Alert.ID]
		if !ok {
			b = &feedback.Ballot{}
			byAlert[f.Alert.ID], out = b, append(out, b)
		}
		b.Add(f, key)
	}
	slices.SortFunc(out, func(a, b *feedback.Ballot) int { return a.Votes[0].Alert.ID.Compare(b.Votes[0].Alert.ID) })
	return out, nil
}

// taken reports whether a dataset has a verdict already.
func taken(p *project, f feedback.Filed) bool {
	verdict := feedback.ParseVerdict(f.Verdict)
	for _, d := range p.program.Datasets {
		if slices.ContainsFunc(d.Spec.GetContributions(), func(k *specpb.Contribution) bool {
			return k.GetProvenance().GetAlert() == f.Alert.ID.String() && k.GetLabel().GetVerdict() == verdict
		}) {
			return true
		}
	}
	return false
}

// claims binds what reporters agree on to datasets of the project.
func (o *feedbackCollectOptions) claims(p *project, ballots []*feedback.Ballot, leave func(what, why string)) []*pending {
	var out []*pending
	for _, b := range ballots {
		what := "alert " + b.Votes[0].Alert.Short()
		f, why := b.Agreed(o.quorum)
		if why != "" {
			leave(what, why)
			continue
		}
		c, err := o.bind(p, f.Alert)
		if err != nil {
			leave(what, err.Error())
			continue
		}
		c.Verdict, c.Segments = feedback.ParseVerdict(f.Verdict), f.Segments
		c.origin = feedback.Origin{Who: f.By + " (" + f.Environment + ")", When: f.At, Note: f.Note}
		out = append(out, c)
	}
	return out
}
