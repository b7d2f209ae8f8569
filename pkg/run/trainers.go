package run

import (
	"io/fs"

	"github.com/mlpdev/mlp/pkg/compile"
	"github.com/mlpdev/mlp/pkg/trainer"
)

// Trainers returns what a program needs to know of the trainers in a tree, one
// a directory.
func Trainers(tree fs.FS) ([]compile.Trainer, error) {
	kinds, err := trainer.Load(tree)
	if err != nil {
		return nil, err
	}
	out := make([]compile.Trainer, len(kinds))
	for i, k := range kinds {
		out[i] = compile.Trainer{Name: k.Name, Key: k.Key()}
	}
	return out, nil
}
