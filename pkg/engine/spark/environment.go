package spark

import (
	"context"
	"embed"

	"github.com/mlpdev/mlp/pkg/pyenv"
	"github.com/mlpdev/mlp/trainers"
)

// files are the job and its lock.
//
//go:embed job/job.py job/requirements.lock
var files embed.FS

// Environment returns the Python environment of the job, made on first use,
// when it needs a package registry and takes minutes.
func Environment(ctx context.Context, o Options) (pyenv.Env, error) {
	wanted, err := o.environment()
	if err != nil {
		return pyenv.Env{}, err
	}
	return pyenv.Environment(ctx, wanted)
}

// Find is Environment where it is made already: nothing is made.
func Find(ctx context.Context, o Options) (pyenv.Env, bool, error) {
	wanted, err := o.environment()
	if err != nil {
		return pyenv.Env{}, false, err
	}
	return pyenv.Find(ctx, wanted)
}

func (o Options) environment() (pyenv.EnvOptions, error) {
	lock, err := files.ReadFile("job/requirements.lock")
	if err != nil {
		return pyenv.EnvOptions{}, err
	}
	bootstrap, err := trainers.Files.ReadFile(trainers.Bootstrap)
	if err != nil {
		return pyenv.EnvOptions{}, err
	}
	return pyenv.EnvOptions{CacheDir: o.CacheDir, Python: o.Python, Lock: lock, Source: []string{"pyspark"},
		Bootstrap: bootstrap, Environ: o.Environ, Progress: o.Progress}, nil
}
