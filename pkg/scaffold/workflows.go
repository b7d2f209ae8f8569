package scaffold

import (
	"embed"
	"strings"
)

// templates are the workflows of a new project.
//
//go:embed workflows
var templates embed.FS

// WorkflowDir is where GitHub looks for workflows.
const WorkflowDir = ".github/workflows"

// Unpinned stands in workflows where the version of mlp is not known.
const Unpinned = "SET-ME"

// Workflows returns the GitHub Actions workflows of a new project by path: what
// a pull request would change, and the apply of what was merged into a branch.
// version is that of the Go module which they install, Unpinned if it is not
// known.
func Workflows(version, branch string) (map[string][]byte, error) {
	fill := strings.NewReplacer("@MLP_VERSION@", version, "@BRANCH@", branch)
	entries, err := templates.ReadDir("workflows")
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{}
	for _, e := range entries {
		text, err := templates.ReadFile("workflows/" + e.Name())
		if err != nil {
			return nil, err
		}
		out[WorkflowDir+"/"+e.Name()] = []byte(fill.Replace(string(text)))
	}
	return out, nil
}
