package spark

import (
	"archive/zip"
	"bytes"
	"context"
	"embed"
	"io/fs"
	"os"
	"strings"

	"github.com/mlpdev/mlp/pkg/pyenv"
	"github.com/mlpdev/mlp/trainers"
)

// files are the job and its lock.
//
//go:embed job/__main__.py job/mlp_job/*.py job/requirements.lock
var files embed.FS

// writeScript writes the job as one file, that Python and spark-submit run and
// that can be sent around: an archive with all of its modules.
func writeScript(path string) error {
	names, err := fs.Glob(files, "job/mlp_job/*.py")
	if err != nil {
		return err
	}
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, name := range append(names, "job/__main__.py") {
		text, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		w, err := archive.Create(strings.TrimPrefix(name, "job/"))
		if err != nil {
			return err
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, out.Bytes(), 0o666)
}

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
