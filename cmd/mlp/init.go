package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	example "github.com/mlpdev/mlp"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/scaffold"
	"github.com/mlpdev/mlp/pkg/spec"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/store/s3"
	"github.com/mlpdev/mlp/pkg/vcs"
)

type initOptions struct {
	*app
	dir   string
	name  string
	noGit bool
	empty bool
	noCI  bool
	only  string
	store string
}

func newInitCmd(a *app) *cobra.Command {
	o := &initOptions{app: a}
	cmd := &cobra.Command{
		Use:   "init DIR",
		Short: "Make a new project that applies at once",
		Long: `Write an example project of three parts, with logs that are generated from a seed:
scan, hosts that scan, in Zeek's connection logs, as tabs and as JSON; ssh, hosts that
guess passwords, in lines of sshd and in pairs of keys and values; web, forms that
carry code, in CSV. --example takes one of them. A development key is made in your
configuration directory, if there is none; its public half goes into mlp.textproto.
The project becomes a Git repository with a first commit, unless it lies in one.

Two GitHub Actions workflows come with it: mlp-plan.yml shows on a pull request what
it would change, mlp-apply.yml applies what was merged, if it is the plan that was
reviewed. They install the version of mlp that made them.`,
		Args:    exactArgs("DIR"),
		Example: "  mlp init demo && cd demo && mlp apply",
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = args[0]
			return o.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.name, "name", "", "`NAME` of the project (default: from the directory's)")
	cmd.Flags().BoolVar(&o.noGit, "no-git", false, "do not make a Git repository")
	cmd.Flags().BoolVar(&o.noCI, "no-workflows", false, "leave out the workflows for GitHub Actions")
	cmd.Flags().StringVar(&o.only, "example", "all", "which example: `all|scan|ssh|web`")
	cmd.Flags().StringVar(&o.store, "store", defaultStore, "`LOCATION` of the store: file:PATH, or s3://bucket/prefix for a team")
	cmd.Flags().BoolVar(&o.empty, "empty", false, "make a project without the example: mlp.textproto and a key only")
	return cmd
}

func (o *initOptions) run(ctx context.Context) error {
	if !slices.Contains([]string{"all", "scan", "ssh", "web"}, o.only) {
		return fmt.Errorf("--example is all, scan, ssh or web, not %q", o.only)
	}
	root := o.path(o.dir)
	if _, err := os.Lstat(filepath.Join(root, projectFile)); err == nil {
		return fmt.Errorf("%s has a project already", o.dir)
	}
	if entries, err := os.ReadDir(root); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty", o.dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// A bucket that cannot be used is said before anything is written.
	if strings.HasPrefix(o.store, s3.Scheme) {
		if _, err := s3.Init(ctx, o.store, s3.Options{}); err != nil {
			return err
		}
	} else if _, err := storePath(o.store, root); err != nil {
		return err
	}
	key, path, err := o.makeDevKey()
	if err != nil {
		return err
	}
	if err := o.write(root, key); err != nil {
		return err
	}
	if !o.empty {
		if err := o.example(ctx, root); err != nil {
			return err
		}
	}
	if err := o.workflows(root); err != nil {
		return err
	}
	if err := o.repository(root); err != nil {
		return err
	}
	return printf(o.stdout, "Made project %s in %s; releases are signed with %s.\nNext: cd %s && mlp apply\n", o.projectName(), o.dir, path, o.dir)
}

func (o *initOptions) projectName() string {
	if o.name != "" {
		return o.name
	}
	name := regexp.MustCompile(`[^a-z0-9_]+`).ReplaceAllString(strings.ToLower(filepath.Base(o.path(o.dir))), "_")
	name = strings.TrimRight(strings.TrimLeft(name, "_0123456789"), "_")
	if name == "" {
		return "project"
	}
	return name
}

// example adds the specs and the logs of the example. Models come last:
// without rows they would be mistakes.
func (o *initOptions) example(ctx context.Context, root string) error {
	if err := o.specs(root, "specs/parsers", "specs/functions", "specs/lists", "specs/features"); err != nil {
		return err
	}
	if err := o.samples(ctx, root); err != nil {
		return err
	}
	return o.specs(root, "specs/models", "specs/environments")
}

// wanted reports whether a part of the example was asked for; "" is of all.
func (o *initOptions) wanted(part string) bool {
	return o.only == "all" || part == "" || o.only == part
}

// specs writes the specs of the example that were asked for.
func (o *initOptions) specs(root string, dirs ...string) error {
	return writeSpecs(root, func(file string) bool { return o.wanted(example.Part(file)) }, dirs...)
}

// write makes what every project has.
func (o *initOptions) write(root string, key *dsse.PrivateKey) error {
	text := spec.Format(&specpb.Project{Name: o.projectName(), Store: o.store,
		Keys: []*specpb.TrustedKey{{Name: key.Name(), PublicKey: dsse.FormatPublic(key.Public()), Channels: []string{"local"}}}}, nil)
	if err := writeNew(root, ".gitignore", []byte("/"+stateDir+"/\n")); err != nil {
		return err
	}
	return writeNew(root, projectFile, text)
}

// workflows writes those of GitHub Actions, unless the project lies in a
// repository of somebody: there they would not be found.
func (o *initOptions) workflows(root string) error {
	if o.noCI {
		return nil
	}
	if _, err := vcs.Open(root); !errors.Is(err, vcs.ErrNoRepo) {
		return err
	}
	version := o.build.moduleVersion()
	files, err := scaffold.Workflows(version, "main")
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := writeNew(root, name, text); err != nil {
			return err
		}
	}
	if version == scaffold.Unpinned && !o.flags.quiet {
		return printf(o.stderr, "warning: this mlp does not know its version: set MLP_VERSION in %s\n", scaffold.WorkflowDir)
	}
	return nil
}

// writeSpecs copies files of directories of the example's specs.
func writeSpecs(root string, want func(file string) bool, dirs ...string) error {
	for _, dir := range dirs {
		err := fs.WalkDir(example.Specs, dir, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !want(name) {
				return err
			}
			data, err := example.Specs.ReadFile(name)
			if err != nil {
				return err
			}
			return writeNew(root, name, data)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// writeNew writes a file below root, with the directories that it needs.
func writeNew(root, name string, data []byte) error {
	path := filepath.Join(root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}

// samples writes the logs of the example, and adds the labelled ones to its
// datasets.
func (o *initOptions) samples(ctx context.Context, root string) error {
	inside := *o.app
	inside.flags.chdir = root
	for _, s := range scaffold.Samples() {
		if !o.wanted(s.Part) {
			continue
		}
		if err := writeNew(root, s.Path, s.Bytes); err != nil {
			return err
		}
		if s.Dataset == "" {
			continue
		}
		add := &datasetAddOptions{app: &inside, name: s.Dataset, file: s.Path, parser: s.Parser, technique: s.Technique, label: s.Label, labelExpr: s.LabelExpr,
			test: s.Test, note: "generated by mlp init", origin: "mlp init", licence: "CC0-1.0", shareable: true}
		if err := add.run(ctx); err != nil {
			return err
		}
	}
	return nil
}

// repository makes a Git repository, unless the project lies in one.
func (o *initOptions) repository(root string) error {
	if o.noGit {
		return nil
	}
	_, err := vcs.Open(root)
	if !errors.Is(err, vcs.ErrNoRepo) {
		return err
	}
	_, err = vcs.Init(root, vcs.Author{Name: "mlp init", Email: "mlp@localhost"}, o.now())
	return err
}
