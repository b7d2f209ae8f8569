package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/doctor"
	"github.com/mlpdev/mlp/pkg/engine/spark"
	"github.com/mlpdev/mlp/pkg/run"
	"github.com/mlpdev/mlp/pkg/specpb"
	"github.com/mlpdev/mlp/pkg/store"
	"github.com/mlpdev/mlp/pkg/store/filestore"
	"github.com/mlpdev/mlp/pkg/store/s3"
)

// hasSpark reports whether somebody says where Spark runs.
func (p *project) hasSpark(a *app) bool {
	return p.spec.GetSpark() != nil || a.env("SPARK_REMOTE") != ""
}

// sparkInherits are the variables that Spark sees beside those of other
// processes: where it, Java and its clusters are, and what reads its stores.
func sparkInherits() []string {
	return []string{"USER", "JAVA_HOME", "SPARK_HOME", "SPARK_CONF_DIR", "SPARK_LOCAL_IP", "PYSPARK_PYTHON", "HADOOP_CONF_DIR", "HADOOP_USER_NAME", "YARN_CONF_DIR",
		"KRB5CCNAME", "KRB5_CONFIG", "KUBECONFIG", "GOOGLE_APPLICATION_CREDENTIALS", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
		"AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3",
		"AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CA_BUNDLE", "AWS_EC2_METADATA_DISABLED"}
}

// sparkOptions says where Spark runs: as the environment says, else as the
// project does, else on this machine.
func (p *project) sparkOptions(a *app) (spark.Options, error) {
	return a.sparkOptions(p.spec.GetSpark(), p.root)
}

// sparkOptions is that of a project in a directory that says so much; nil is of
// none.
func (a *app) sparkOptions(said *specpb.Spark, root string) (spark.Options, error) {
	cache, err := a.cacheDir()
	if err != nil {
		return spark.Options{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return spark.Options{}, err
	}
	o := spark.Options{CacheDir: cache, Python: a.env("MLP_SPARK_PYTHON"), Environ: a.environ(sparkInherits()...), Framer: self, Remote: cmp.Or(a.env("SPARK_REMOTE"), said.GetRemote()),
		Submit: said.GetSubmit(), Master: said.GetMaster(), Scratch: said.GetScratch(), Conf: map[string]string{}}
	if o.Remote != "" {
		o.Submit = nil
	}
	for _, e := range said.GetConf() {
		o.Conf[e.GetKey()] = e.GetValue()
	}
	if packages := said.GetPackages(); len(packages) > 0 {
		o.Conf["spark.jars.packages"] = strings.Join(packages, ",")
	}
	switch scheme, _, far := strings.Cut(o.Scratch, "://"); {
	case scheme == "s3a" || far && scheme == "s3":
		o.Storage, err = s3.OpenScratch(o.Scratch, s3.Options{})
	case !far && o.Scratch != "" && !filepath.IsAbs(o.Scratch):
		o.Scratch = filepath.Join(root, o.Scratch)
	}
	return o, err
}

// withSpark calls do with a session of Spark, where no run is on.
func (a *app) withSpark(ctx context.Context, said *specpb.Spark, root string, do func(*spark.Session) error) (err error) {
	o, err := a.sparkOptions(said, root)
	if err != nil {
		return err
	}
	progress := a.newProgress(1)
	defer progress.Done()
	o.Progress = progress.Note
	s, err := spark.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(s)
}

// cluster is the session of Spark of a command: opened when it is first needed.
type cluster struct {
	mu      sync.Mutex
	session *spark.Session
}

func (c *cluster) open(ctx context.Context, o spark.Options) (*spark.Session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.session != nil {
		return c.session, nil
	}
	session, err := spark.Open(ctx, o)
	if err == nil {
		c.session = session
	}
	return session, err
}

func (c *cluster) close() error {
	if c.session == nil {
		return nil
	}
	return c.session.Close()
}

// onSpark says where Spark computes the columns of a project. What it writes
// lies in the directory of the run, unless the project says otherwise.
func (m *machine) onSpark(p *project, s store.Store) (*run.Spark, error) {
	o, err := p.sparkOptions(m.app)
	if err != nil {
		return nil, err
	}
	o.Progress = m.note
	if o.Scratch == "" {
		o.Scratch = filepath.Join(m.scratch, "spark")
	}
	return &run.Spark{Path: executorsPath(o, s), Open: func(ctx context.Context) (run.Cluster, error) { return m.cluster.open(ctx, o) }}, nil
}

// executorsPath says where executors on other machines read the store.
func executorsPath(o spark.Options, s store.Store) func(digest.Digest) string {
	if o.Local() {
		return nil
	}
	switch s := s.(type) {
	case *s3.Store:
		return s.URL
	case *filestore.Store:
		return s.Path
	}
	return nil
}

// spark looks at what Spark needs, where the project says that it computes with
// it; with --spark it asks it something.
func (o *doctorOptions) spark(ctx context.Context, p *project) []doctor.Finding {
	if !o.startSpark && !p.hasSpark(o.app) {
		return nil
	}
	options, err := p.sparkOptions(o.app)
	if err != nil {
		return []doctor.Finding{doctor.Failed("spark", err, "")}
	}
	var found []doctor.Finding
	if options.Remote == "" && len(options.Submit) == 0 {
		if path, version, err := spark.Java(ctx, options.Environ); err != nil {
			return append(found, doctor.Failed("spark/java", err, ""))
		} else {
			found = append(found, doctor.Finding{Check: "spark/java", State: doctor.OK, Says: "Java " + version + ": " + path})
		}
	}
	if len(options.Submit) == 0 {
		env, made, err := spark.Find(ctx, options)
		switch {
		case err != nil:
			return append(found, doctor.Failed("spark/python", err, "install Python 3.11 with venv, or set MLP_SPARK_PYTHON to one that has the packages"))
		case !made:
			found = append(found, doctor.Finding{Check: "spark/python", State: doctor.Warning, Says: "the environment of Spark's job is not made yet",
				Do: "nothing: the first use makes it, of 900 MB, from the package registry"})
		default:
			found = append(found, doctor.Finding{Check: "spark/python", State: doctor.OK, Says: "Python " + env.Version + " with Spark's client: " + env.Python})
		}
	}
	if !o.startSpark {
		return found
	}
	return append(found, askSpark(ctx, options))
}

// askSpark has Spark answer one question.
func askSpark(ctx context.Context, options spark.Options) doctor.Finding {
	const check = "spark/session"
	s, err := spark.Open(ctx, options)
	if err != nil {
		return doctor.Failed(check, err, "")
	}
	r, err := s.Run(ctx, spark.Job{Name: "doctor", Queries: []spark.Query{{Name: "one", SQL: "SELECT 1"}}})
	if closed := s.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return doctor.Failed(check, err, "see what is written above; SPARK_REMOTE or spark in "+projectFile+" say where Spark runs")
	}
	return doctor.Finding{Check: check, State: doctor.OK, Says: "Spark " + r.Metrics.Spark + " at " + sparkPlace(options) + " answers"}
}

// sparkPlace is where Spark runs, for people.
func sparkPlace(o spark.Options) string {
	if len(o.Submit) > 0 {
		return o.Submit[0]
	}
	return cmp.Or(o.Remote, o.Master, "local[*]")
}
