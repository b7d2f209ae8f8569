package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mlpdev/mlp/pkg/doctor"
	"github.com/mlpdev/mlp/pkg/onnx"
	"github.com/mlpdev/mlp/pkg/pull"
	"github.com/mlpdev/mlp/pkg/pyenv"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/pkg/trainer"
	"github.com/mlpdev/mlp/trainers"
)

type doctorOptions struct {
	*app
	config string
	dir    string
	policy string

	startSpark bool
}

func newDoctorCmd(a *app) *cobra.Command {
	o := &doctorOptions{app: a}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find what would keep mlp from working here, and what to do about it",
		Long: `Try what a builder does with the project's store: read, list, write, that a second
writer of one name is refused, that a missing name is told from a forbidden one,
and whether the clocks agree. Then look at the signing key, the Python environments
of the trainers that models name, and the runtime library; where the project
computes with Spark, Java and its Python environment as well. The store keeps the
name doctor/probe and one object of a few bytes.

With --config it is a site that is looked at: what it reads, and nothing is written;
with --dir, too, whether the release that runs there is whole and its runtime library
can be loaded.
--policy prints the least policy of IAM that a role needs for a store on S3, and
looks at nothing.`,
		Args: exactArgs(),
		Example: `  mlp doctor
  mlp doctor --spark
  mlp doctor --config site.textproto --dir /var/lib/mlp
  mlp doctor --policy site > policy.json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.dir != "" && o.config == "" {
				return &usageError{cmd: cmd, message: "--dir goes with --config: it is a site's"}
			}
			return o.run(cmd.Context())
		},
	}
	a.addFormat(cmd, formatText, formatJSON)
	cmd.Flags().StringVar(&o.config, "config", "", "look at the site of this `FILE`, which mlp env export wrote")
	cmd.Flags().StringVar(&o.dir, "dir", "", "look at the site's `DIR`, too")
	cmd.Flags().BoolVar(&o.startSpark, "spark", false, "ask Spark something, too; to start it takes some ten seconds")
	cmd.Flags().StringVar(&o.policy, "policy", "", "print what a `ROLE` needs: "+strings.Join(s3.Roles(), "|"))
	return cmd
}

// doctorPage is the answer as JSON.
type doctorPage struct {
	FormatVersion int              `json:"format_version"`
	Store         string           `json:"store"`
	Findings      []doctor.Finding `json:"findings"`
}

func (o *doctorOptions) run(ctx context.Context) error {
	if o.config != "" {
		site, err := o.readSite(o.config)
		if err != nil {
			return err
		}
		if o.policy != "" {
			return o.printPolicy(site.GetStore())
		}
		s, err := o.openStore(site.GetStore(), "")
		if err != nil {
			return o.show(site.GetStore(), []doctor.Finding{doctor.Failed("store/read", err, "")})
		}
		return o.show(site.GetStore(), append(doctor.Site(ctx, s, site.GetChannel()), o.running()...))
	}
	p, err := o.openProject()
	if err != nil {
		return err
	}
	location := p.storeLocation(o.app)
	if o.policy != "" {
		return o.printPolicy(location)
	}
	var found []doctor.Finding
	if s, err := p.makeStore(ctx, o.app); err != nil {
		found = append(found, doctor.Failed("store/read", err, "check the store's location, the network and the credentials"))
	} else {
		found = doctor.Builder(ctx, s)
	}
	found = append(append(found, o.key(p)), o.python(ctx, p)...)
	return o.show(location, append(found, o.spark(ctx, p)...))
}

func (o *doctorOptions) printPolicy(location string) error {
	if !strings.HasPrefix(location, s3.Scheme) {
		return fmt.Errorf("the store %s is no bucket: its rights are those of its directory", location)
	}
	text, err := s3.Policy(location, o.policy)
	if err != nil {
		return err
	}
	return printf(o.stdout, "%s\n", text)
}

// key looks at the key that this machine signs with.
func (o *doctorOptions) key(p *project) doctor.Finding {
	const check = "key"
	key, err := o.signer()
	if err != nil {
		return doctor.Failed(check, err, "")
	}
	if err := p.mustTrust(key); err != nil {
		f := doctor.Failed(check, err, "")
		f.State = doctor.Warning // it may plan, and look
		if p.stayLocal(key); p.local {
			f.Says = "the key " + key.Name() + " may sign channel local alone: what it applies is released there"
		}
		return f
	}
	return doctor.Finding{Check: check, State: doctor.OK, Says: "the key " + key.Name() + " may sign this project's releases"}
}

// running looks at the release that runs at a site, and at its runtime library.
func (o *doctorOptions) running() []doctor.Finding {
	if o.dir == "" {
		return nil
	}
	const check = "release"
	active, err := pull.Current(o.path(o.dir))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []doctor.Finding{{Check: check, State: doctor.Warning, Says: "no release runs in " + o.dir, Do: "mlp pull brings one"}}
	case err == nil:
		err = active.Check()
	}
	if err != nil {
		return []doctor.Finding{doctor.Failed(check, err, "mlp pull makes the release anew")}
	}
	found := []doctor.Finding{{Check: check, State: doctor.OK, Says: active.Name() + " runs, and its files are what was released"}}
	lib, err := onnx.Open(active.Path(active.Record.Runtime.Library))
	if err != nil {
		return append(found, doctor.Failed("runtime", err,
			"the release is for "+active.Record.Runtime.Platform+": run it there, with the C library that its machine had, or a newer one"))
	}
	return append(found, doctor.Finding{Check: "runtime", State: doctor.OK, Says: "ONNX runtime " + lib.Version() + ": " + lib.Path()})
}

// python looks at the environments that the project's models need, and at the
// runtime library in the first one.
func (o *doctorOptions) python(ctx context.Context, p *project) []doctor.Finding {
	kinds, err := trainer.Load(trainers.Files)
	if err != nil {
		return []doctor.Finding{doctor.Failed("python", err, "")}
	}
	var found []doctor.Finding
	var lib string
	for _, kind := range kinds {
		if !slices.Contains(p.kinds(), kind.Name) {
			found = append(found, doctor.Finding{Check: "python/" + kind.Name, State: doctor.OK, Says: "not needed: no model has a trainer of " + kind.Name})
			continue
		}
		f, env := o.environment(ctx, kind.Name)
		found = append(found, f)
		lib = cmp.Or(lib, env.OnnxRuntime)
	}
	if lib == "" {
		return found
	}
	opened, err := onnx.Open(lib)
	if err != nil {
		return append(found, doctor.Failed("runtime", err, "remove "+lib+" and its environment: the next mlp apply makes it anew"))
	}
	return append(found, doctor.Finding{Check: "runtime", State: doctor.OK, Says: "ONNX runtime " + opened.Version() + ": " + opened.Path()})
}

// environment looks at the Python environment of a kind of trainer.
func (o *doctorOptions) environment(ctx context.Context, kind string) (doctor.Finding, pyenv.Env) {
	check := "python/" + kind
	cache, err := o.cacheDir()
	if err != nil {
		return doctor.Failed(check, err, "set HOME, or MLP_CACHE_DIR"), pyenv.Env{}
	}
	options, err := o.environmentOf(kind, cache)
	if err != nil {
		return doctor.Failed(check, err, ""), pyenv.Env{}
	}
	env, made, err := pyenv.Find(ctx, options)
	switch {
	case err != nil:
		set := "MLP_PYTHON_" + strings.ToUpper(kind)
		return doctor.Failed(check, err, "install Python 3.11 with venv, or set "+set+" to one that has the packages"), pyenv.Env{}
	case !made:
		return doctor.Finding{Check: check, State: doctor.Warning, Says: "the environment of the " + kind + " trainers is not made yet",
			Do: "nothing: the first mlp apply that trains with them makes it, in a minute or two, from the package registry"}, pyenv.Env{}
	}
	return doctor.Finding{Check: check, State: doctor.OK, Says: "Python " + env.Version + " with the packages of the lock: " + env.Python}, env
}

// show prints what was found. Where there is a problem the status says so.
func (o *doctorOptions) show(location string, found []doctor.Finding) error {
	var end error
	for _, f := range found {
		switch {
		case errors.Is(f.Err(), store.ErrUnavailable):
			end = reported{status: statusUnreachable}
		case f.State == doctor.Problem && end == nil:
			end = reported{}
		}
	}
	if o.format == formatJSON {
		return errors.Join(writeJSON(o.stdout, doctorPage{FormatVersion: 1, Store: location, Findings: found}), end)
	}
	for _, f := range found {
		if err := printf(o.stdout, "%-8s %-23s %s\n", f.State, f.Check, printable(f.Says)); err != nil {
			return err
		}
		if f.Do != "" {
			if err := printf(o.stdout, "%-32s to do: %s\n", "", printable(f.Do)); err != nil {
				return err
			}
		}
	}
	return end
}
