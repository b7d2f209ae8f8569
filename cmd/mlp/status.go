package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/status"
)

type statusOptions struct {
	*app
	detailed bool
}

func newStatusCmd(a *app) *cobra.Command {
	o := &statusOptions{app: a}
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show what runs where: channels, models, environments, sites",
		Long: `Show the newest release of each channel and its age; models as the work tree says,
released, pending, held by their gates, or retired; the release that each
environment would get; and what sites run, from the receipts that mlp pull leaves
in the store. Receipts are not signed: they say what sites say.`,
		Args: exactArgs(),
		Example: `  mlp status
  mlp status --detailed-exitcode    # 2 if a model is not released, or a site is behind
  mlp status --format json | jq -r '.sites[] | select(.current | not) | .site'`,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	a.addFormat(cmd, formatText, formatJSON)
	cmd.Flags().BoolVar(&o.detailed, "detailed-exitcode", false, "exit with 2 if a model is not released, or a site does not run the newest release")
	return cmd
}

func (o *statusOptions) run(ctx context.Context) error {
	p, s, err := o.openForLooking()
	if err != nil {
		return err
	}
	st, err := p.viewer(s).Status(ctx, o.now())
	if err != nil {
		return err
	}
	if o.format == formatJSON {
		err = writeJSON(o.stdout, st)
	} else {
		err = o.print(st)
	}
	if err == nil && o.detailed && st.Differs() {
		return changesPresent{}
	}
	return err
}

func (o *statusOptions) print(s *status.Status) error {
	err := table(o.stdout, "CHANNEL\tRELEASE\tAGE\tSIGNED BY\tMODELS", s.Channels, func(c status.Channel) string {
		if c.Release == "" {
			return c.Channel + "\tnone\t\t\t"
		}
		return fmt.Sprintf("%s\t%s\t%s\t%s\t%s", c.Channel, c.Release, age(time.Duration(c.AgeSeconds)*time.Second), c.Signer, orNone(c.Models))
	})
	if err == nil && len(s.Models) > 0 {
		err = o.section("MODEL\tSTATE\tRELEASE\tWHY", len(s.Models), func(i int) string {
			m := s.Models[i]
			return fmt.Sprintf("%s\t%s\t%s\t%s", m.Model, m.State, orNone(nonBlank(m.Release)), strings.Join(m.Reasons, "; "))
		})
	}
	if err == nil && len(s.Environments) > 0 {
		err = o.section("ENVIRONMENT\tWOULD GET\tMODELS\tSITES", len(s.Environments), func(i int) string {
			e := s.Environments[i]
			sites := "none"
			if e.Sites > 0 {
				sites = fmt.Sprintf("%d of %d current", e.Current, e.Sites)
			}
			return fmt.Sprintf("%s\t%s\t%s\t%s", e.Environment, orNone(nonBlank(e.Release)), orNone(e.Models), sites)
		})
	}
	if err == nil && len(s.Sites) > 0 {
		err = o.section("SITE\tRUNS\tSINCE\tSEEN\tMLP\tDRIFT", len(s.Sites), func(i int) string {
			x := s.Sites[i]
			return fmt.Sprintf("%s/%s\t%s#%d\t%s\t%s\t%s\t%s", x.Environment, x.Site, x.Channel, x.Release.Number,
				ago(o.now().Sub(x.Activated)), ago(o.now().Sub(x.Seen)), x.MLP, x.Drift)
		})
	}
	for _, u := range s.Unreadable {
		if err == nil {
			err = printf(o.stderr, "%s\n", printable("note: "+u.Name+" is no receipt: "+u.Reason))
		}
	}
	return err
}

// section prints a table behind a blank line.
func (o *statusOptions) section(heading string, n int, line func(i int) string) error {
	if err := printf(o.stdout, "\n"); err != nil {
		return err
	}
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return table(o.stdout, heading, rows, line)
}

func orNone(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

// age returns a time span in its largest unit: "3 days".
func age(d time.Duration) string {
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"minute", time.Minute}} {
		if n := d / unit.size; n > 0 {
			return plural(int(n), unit.name)
		}
	}
	return "under a minute"
}

// ago is age, seen from a clock that may be behind.
func ago(d time.Duration) string {
	if d < -time.Minute {
		return "in the future"
	}
	return age(d)
}
