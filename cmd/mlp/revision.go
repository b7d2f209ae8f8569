package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/diag"
	"github.com/mlpdev/mlp/pkg/vcs"
)

// version is a state of the project's specs, and how people call it.
type version struct {
	program *compile.Program // nil: nothing
	name    string
	commit  string // hash; "" of the work tree, and where there is nothing
}

// workTree is the version that stands in the project's directory.
func (p *project) workTree() version { return version{program: p.program, name: "work tree"} }

// history compiles versions of a project out of its Git repository.
type history struct {
	*app
	project *project
	repo    *vcs.Repo // nil: there is none
}

func (a *app) openHistory(p *project) (*history, error) {
	repo, err := vcs.Open(p.root)
	if errors.Is(err, vcs.ErrNoRepo) {
		return &history{app: a, project: p}, nil
	}
	return &history{app: a, project: p, repo: repo}, err
}

// at returns the version of a revision that the user named.
func (h *history) at(rev string) (version, error) {
	if h.repo == nil {
		return version{}, fmt.Errorf("revision %s: %w", rev, vcs.ErrNoRepo)
	}
	commit, err := h.repo.Resolve(rev)
	if err != nil {
		return version{}, err
	}
	return h.compile(commit, fmt.Sprintf("%s (%s)", commit.Short(), rev))
}

// base returns what the work tree or, where head names one, a commit is
// compared with if the user names nothing: the merge-base with the default
// branch. A commit of that branch itself is compared with its parent. Without
// a repository, or a commit, there is nothing before.
func (h *history) base(head string) (version, error) {
	if h.repo == nil {
		return version{name: "nothing (no Git repository)"}, nil
	}
	branch := cmp.Or(h.project.spec.GetDefaultBranch(), "main")
	name := "merge-base with " + branch
	commit, err := h.repo.DefaultBase(branch)
	if errors.Is(err, vcs.ErrNoCommit) {
		return version{name: "nothing (no commit yet)"}, nil
	}
	if err == nil && head != "" {
		var of vcs.Commit
		if of, err = h.repo.Resolve(head); err == nil {
			commit, err = h.repo.MergeBase(of.Hash, commit.Hash)
		}
		if err == nil && commit.Hash == of.Hash {
			name = "its parent"
			if commit, err = h.repo.Resolve(of.Hash + "^1"); err != nil {
				return version{name: "nothing (a first commit)"}, nil
			}
		}
	}
	if err != nil {
		return version{}, err
	}
	return h.compile(commit, fmt.Sprintf("%s (%s)", commit.Short(), name))
}

// compile compiles the project as of a commit. Where its specs have mistakes
// nothing is known of them, so everything counts as changed.
func (h *history) compile(commit vcs.Commit, name string) (version, error) {
	tree, err := h.repo.Tree(commit.Hash, h.repo.Subdir())
	if err != nil {
		return version{}, err
	}
	if _, err := fs.Stat(tree, projectFile); errors.Is(err, fs.ErrNotExist) {
		return version{name: name + ", where there is no project", commit: commit.Hash}, nil
	}
	inside := *h.app
	inside.flags.quiet = true // the work tree's warnings are enough
	program, _, err := inside.compileTree(tree)
	var list *diag.ListError
	if errors.As(err, &list) {
		return version{name: fmt.Sprintf("%s, whose specs have %s", name, plural(len(list.List), "mistake")), commit: commit.Hash}, nil
	}
	return version{program: program, name: name, commit: commit.Hash}, err
}
