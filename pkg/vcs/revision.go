package vcs

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// RevisionError says that a name stands for no commit of the repository.
type RevisionError struct {
	Rev string
	Err error
}

// Error names the revision.
func (e *RevisionError) Error() string {
	return fmt.Sprintf("revision %q: %v", e.Rev, e.Err)
}

// Unwrap returns the cause.
func (e *RevisionError) Unwrap() error { return e.Err }

// Hint says what a revision may be.
func (e *RevisionError) Hint() string {
	return "give a branch, a tag, a commit hash or a form such as HEAD~1"
}

// ShallowError says that the history needed is not in this clone.
type ShallowError struct{ Err error }

// Error names what was missing.
func (e *ShallowError) Error() string { return fmt.Sprintf("%v (this clone is shallow)", e.Err) }

// Unwrap returns the cause.
func (e *ShallowError) Unwrap() error { return e.Err }

// Hint says how to get the history.
func (e *ShallowError) Hint() string {
	return "fetch the whole history: git fetch --unshallow, or fetch-depth: 0 for actions/checkout"
}

// explainMissing turns a missing object into a [ShallowError] where the clone
// has a part of the history only.
func (r *Repo) explainMissing(err error) error {
	if !errors.Is(err, plumbing.ErrObjectNotFound) {
		return err
	}
	if shallow, e := r.git.Storer.Shallow(); e != nil || len(shallow) == 0 {
		return err
	}
	return &ShallowError{Err: err}
}

// maxRevision is longer than any name that means something.
const maxRevision = 512

// Resolve returns the commit that rev stands for: a branch, a tag, a hash or
// the start of one, HEAD, and Git's suffixes ~N and ^N. Errors:
// [*RevisionError] where it stands for none, [ErrNoCommit], [*ShallowError].
func (r *Repo) Resolve(rev string) (Commit, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, err := r.resolve(rev)
	if err != nil {
		return Commit{}, err
	}
	return describe(c), nil
}

func (r *Repo) resolve(rev string) (*object.Commit, error) {
	if rev == "" || len(rev) > maxRevision || strings.ContainsFunc(rev, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return nil, &RevisionError{Rev: rev[:min(len(rev), 40)], Err: errors.New("not a revision")}
	}
	if _, err := r.head(); errors.Is(err, ErrNoCommit) && strings.HasPrefix(rev, "HEAD") {
		return nil, err
	}
	h, err := r.git.ResolveRevision(plumbing.Revision(rev))
	if err != nil {
		if errors.Is(err, plumbing.ErrReferenceNotFound) {
			err = errors.New("no such commit, branch or tag")
		}
		return nil, &RevisionError{Rev: rev, Err: r.explainMissing(err)}
	}
	return r.commit(*h)
}

// MergeBase returns the newest commit that a and b, revisions as
// [Repo.Resolve] takes them, both contain. Where histories crossed and several
// are newest, the choice among them is the same on every machine. Errors: as
// Resolve gives; histories that have nothing in common.
func (r *Repo) MergeBase(a, b string) (Commit, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ca, err := r.resolve(a)
	if err != nil {
		return Commit{}, err
	}
	cb, err := r.resolve(b)
	if err != nil {
		return Commit{}, err
	}
	bases, err := ca.MergeBase(cb)
	if err != nil {
		return Commit{}, r.explainMissing(fmt.Errorf("find merge base of %s and %s: %w", a, b, err))
	}
	if len(bases) == 0 {
		return Commit{}, r.unrelated(a, b)
	}
	return describe(slices.MaxFunc(bases, func(x, y *object.Commit) int {
		return cmp.Or(x.Committer.When.Compare(y.Committer.When), cmp.Compare(x.Hash.String(), y.Hash.String()))
	})), nil
}

func (r *Repo) unrelated(a, b string) error {
	err := fmt.Errorf("find merge base of %s and %s: they have no commit in common", a, b)
	if shallow, e := r.git.Storer.Shallow(); e == nil && len(shallow) > 0 {
		return &ShallowError{Err: err}
	}
	return err
}

// NoBaseError says that a repository has no branch to compare with.
type NoBaseError struct{ Branch string }

// Error names the branch.
func (e *NoBaseError) Error() string {
	return fmt.Sprintf("no branch %s or origin/%s to compare with", e.Branch, e.Branch)
}

// Hint says how to do without.
func (e *NoBaseError) Hint() string {
	return "name a commit with --base, or set default_branch in mlp.textproto"
}

// DefaultBase returns the commit that a change is compared with: the merge
// base of HEAD and defaultBranch, or origin's branch of that name where there
// is no such branch here. Errors: [*NoBaseError] where neither exists, and
// those of [Repo.MergeBase].
func (r *Repo) DefaultBase(defaultBranch string) (Commit, error) {
	if _, err := r.Head(); err != nil {
		return Commit{}, err
	}
	for _, ref := range []plumbing.ReferenceName{
		plumbing.NewBranchReferenceName(defaultBranch),
		plumbing.NewRemoteReferenceName("origin", defaultBranch),
	} {
		if r.has(ref) {
			return r.MergeBase("HEAD", ref.String())
		}
	}
	return Commit{}, &NoBaseError{Branch: defaultBranch}
}

func (r *Repo) has(ref plumbing.ReferenceName) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ref.Validate() != nil {
		return false
	}
	_, err := r.git.Reference(ref, true)
	return err == nil
}

func describe(c *object.Commit) Commit {
	subject, _, _ := strings.Cut(c.Message, "\n")
	return Commit{
		Hash:    c.Hash.String(),
		Time:    c.Committer.When.UTC(),
		Author:  Author{Name: c.Author.Name, Email: c.Author.Email},
		Subject: subject,
	}
}
