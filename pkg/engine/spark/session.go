package spark

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/pyenv"
)

const (
	// defaultDeadline is how long Spark may be silent.
	defaultDeadline = 10 * time.Minute
	// defaultEvery is the least time between two lines about a job.
	defaultEvery = 5 * time.Second
	// cancelTime is how long a job may take to end that was cancelled.
	cancelTime = 15 * time.Second
	// closeTime is how long a session may take to end.
	closeTime = 15 * time.Second
	// defaultMaster is where Spark runs that is started.
	defaultMaster = "local[*]"
	// remoteScheme begins the address of a Spark Connect server.
	remoteScheme = "sc://"
)

// Session is where jobs run, one at a time. What it needs is started by the
// first one. Its methods may be called by several goroutines.
type Session struct {
	o      Options
	dir    string        // of this process, for manifests
	turn   chan struct{} // holds one token: whose turn it is
	worker *pyenv.Process
	told   time.Time // when something was last told about the job
	closed bool
}

// Open makes a session. Nothing is started yet.
func Open(_ context.Context, o Options) (*Session, error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	o.Deadline = cmp.Or(o.Deadline, defaultDeadline)
	o.Every = cmp.Or(o.Every, defaultEvery)
	o.Master = cmp.Or(o.Master, defaultMaster)
	if o.Remote != "" && !strings.HasPrefix(o.Remote, remoteScheme) {
		return nil, fmt.Errorf("open Spark: the remote is %q, want %sHOST:PORT", o.Remote, remoteScheme)
	}
	dir, err := os.MkdirTemp("", "mlp-spark-")
	if err != nil {
		return nil, fmt.Errorf("open Spark: %w", err)
	}
	switch {
	case o.Scratch == "":
		o.Scratch = filepath.Join(dir, "scratch")
	case !isURL(o.Scratch):
		if o.Scratch, err = filepath.Abs(o.Scratch); err != nil {
			return nil, fmt.Errorf("open Spark: %w", err)
		}
	}
	s := &Session{o: o, dir: dir, turn: make(chan struct{}, 1)}
	s.turn <- struct{}{}
	return s, nil
}

// isURL reports whether a place is no path of this machine.
func isURL(place string) bool { return strings.Contains(place, "://") }

// Close ends what was started, and removes the session's own directory.
func (s *Session) Close() error {
	<-s.turn
	defer func() { s.turn <- struct{}{} }()
	s.closed = true
	if s.worker != nil {
		// How a session ends that nobody needs any more does not matter.
		_ = s.worker.Close(closeTime)
		s.worker = nil
	}
	return os.RemoveAll(s.dir)
}

// Run carries out a job. Cancelling ctx cancels what runs on Spark. Errors of
// Spark are *Error; the session is ready for the next job after each of them.
func (s *Session) Run(ctx context.Context, j Job) (*Result, error) {
	select {
	case <-s.turn:
		defer func() { s.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, fmt.Errorf("run %s on Spark: %w", j.Name, context.Cause(ctx))
	}
	if s.closed {
		return nil, fmt.Errorf("run %s on Spark: the session is closed", j.Name)
	}
	id, err := newRun()
	if err != nil {
		return nil, err
	}
	dir := strings.TrimSuffix(s.o.Scratch, "/") + "/" + id
	m, err := newManifest(j, id, dir, framer{Path: s.o.Framer, Ship: !s.o.Local()})
	if err != nil {
		return nil, fmt.Errorf("run %s on Spark: %w", j.Name, err)
	}
	if !isURL(dir) {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, fmt.Errorf("run %s on Spark: %w", j.Name, err)
		}
	}
	s.told = time.Now()
	work := s.run
	if len(s.o.Submit) > 0 {
		work = s.submit
	}
	text, err := work(ctx, j, m)
	if err == nil {
		var result *Result
		if result, err = check(text, j, m); err == nil {
			return result, nil
		}
	}
	// What is not whole is of no use; what cannot be removed is never read.
	_ = s.remove(context.WithoutCancel(ctx), dir)
	return nil, err
}

// Discard removes the files of a result. Where the scratch is a URL and there is
// no Storage they stay.
func (s *Session) Discard(ctx context.Context, r *Result) error { return s.remove(ctx, r.Dir) }

func (s *Session) remove(ctx context.Context, dir string) error {
	switch {
	case !isURL(dir):
		return os.RemoveAll(dir)
	case s.o.Storage != nil:
		ctx, stop := context.WithTimeout(ctx, closeTime)
		defer stop()
		return s.o.Storage.RemoveAll(ctx, dir)
	}
	return nil
}

// newRun names a run, so that it finds nothing of another one.
func newRun() (string, error) {
	var id [8]byte
	if _, err := rand.Read(id[:]); err != nil {
		return "", err
	}
	return "run-" + hex.EncodeToString(id[:]), nil
}

// run has the warm session carry out a job, and returns its result manifest.
func (s *Session) run(ctx context.Context, j Job, m manifest) ([]byte, error) {
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	base := filepath.Join(s.dir, m.Run)
	request := request{ID: m.Run, Manifest: base + ".json", Result: base + ".result.json"}
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("run %s on Spark: %w", j.Name, err)
	}
	if err := os.WriteFile(request.Manifest, text, 0o666); err != nil {
		return nil, fmt.Errorf("run %s on Spark: %w", j.Name, err)
	}
	if err := s.converse(ctx, j, request); err != nil {
		return nil, err
	}
	if text, err = os.ReadFile(request.Result); err != nil {
		return nil, noManifest(j)
	}
	return text, errors.Join(os.Remove(request.Manifest), os.Remove(request.Result))
}

func noManifest(j Job) *Error {
	return &Error{Kind: KindUnavailable, Job: j.Name, Message: "the job ended without a result manifest"}
}

// check reads a result manifest, which may hold an error, and finds its files
// whole that lie here.
func check(text []byte, j Job, m manifest) (*Result, error) {
	var r resultManifest
	err := json.Unmarshal(text, &r)
	if err == nil && r.Error != nil {
		return nil, r.Error.of(j)
	}
	var result *Result
	if err == nil {
		result, err = r.result(m)
	}
	if err != nil {
		return nil, &Error{Kind: KindManifest, Job: j.Name, Message: "the result manifest is of no use: " + err.Error()}
	}
	for _, files := range result.Files {
		for _, f := range files {
			if f.Path == "" || isURL(f.Path) {
				continue
			}
			if err := f.whole(); err != nil {
				return nil, &Error{Kind: KindUnavailable, Job: j.Name, Message: err.Error()}
			}
		}
	}
	return result, nil
}

// whole reports a file that is not what the result manifest says.
func (f File) whole() error {
	file, err := os.Open(f.Path)
	if err != nil {
		return fmt.Errorf("a file of the result is missing: %w", err)
	}
	defer file.Close()
	d, size, err := digest.OfReader(file)
	if err != nil {
		return fmt.Errorf("read a file of the result: %w", err)
	}
	return f.hold(d, size)
}

// hold reports bytes of a digest that are not those that the job wrote.
func (f File) hold(d digest.Digest, size int64) error {
	if d != f.Digest || size != f.Size {
		return fmt.Errorf("%s is not what the job wrote: %d bytes of %d", f.Path, size, f.Size)
	}
	return nil
}

// request is a line to the worker; cancel is another one.
type request struct {
	ID       string `json:"id"`
	Manifest string `json:"manifest"`
	Result   string `json:"result"`
}

type cancel struct {
	Cancel string `json:"cancel"`
}

// message is a line of the worker.
type message struct {
	ID       string  `json:"id"`
	Event    string  `json:"event"`
	Protocol int     `json:"protocol"`
	Spark    string  `json:"spark"`
	Step     string  `json:"step"`
	Stage    *int    `json:"stage"`
	Done     int     `json:"done"`
	Total    int     `json:"total"`
	Error    *failed `json:"error"`
}

// progress is a message for people.
func (m message) progress(job string) string {
	text := job + ": " + m.Step
	if m.Stage != nil {
		text += fmt.Sprintf(": stage %d: %d of %d tasks", *m.Stage, m.Done, m.Total)
	}
	return text
}

// tell says how far a job is, unless something was said just now.
func (s *Session) tell(m message, j Job) {
	if time.Since(s.told) < s.o.Every {
		return
	}
	s.told = time.Now()
	s.o.Progress(m.progress(j.Name))
}

// errSilent is why a session is given up that says nothing.
var errSilent = errors.New("it does not answer")

// next returns the worker's next message. One that is silent beyond the deadline
// is an error.
func (s *Session) next(ctx context.Context, deadline time.Duration) (message, error) {
	silence := time.NewTimer(deadline)
	defer silence.Stop()
	select {
	case <-ctx.Done():
		return message{}, context.Cause(ctx)
	case <-silence.C:
		return message{}, errSilent
	case line, ok := <-s.worker.Lines():
		if !ok {
			return message{}, s.worker.Why(ctx)
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			return message{}, fmt.Errorf("the job wrote a line of %d bytes that is no message: %w", len(line), err)
		}
		return m, nil
	}
}

// converse sends a request and waits for its end.
func (s *Session) converse(ctx context.Context, j Job, r request) error {
	if err := s.send(r); err != nil {
		return err
	}
	for {
		m, err := s.next(ctx, s.o.Deadline)
		switch {
		case err != nil && ctx.Err() != nil:
			s.cancel(r.ID)
			return fmt.Errorf("run %s on Spark: %w", j.Name, context.Cause(ctx))
		case err != nil:
			return s.lost(err, j.Name)
		case m.Event == "progress":
			s.tell(m, j)
		case m.ID != r.ID:
			return s.lost(fmt.Errorf("it answered request %.64q, not %q", m.ID, r.ID), j.Name)
		case m.Error != nil:
			e := m.Error.of(j)
			if e.Kind == KindUnavailable { // the next one begins anew
				s.end()
			}
			return e
		default:
			return nil
		}
	}
}

func (s *Session) send(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	s.worker.Send(line)
	return nil
}

// cancel ends what runs on Spark, and the worker where that takes too long.
func (s *Session) cancel(id string) {
	ctx, stop := context.WithTimeout(context.Background(), cancelTime)
	defer stop()
	if err := s.send(cancel{id}); err != nil {
		s.end()
		return
	}
	for {
		m, err := s.next(ctx, cancelTime)
		switch {
		case err != nil:
			s.end()
			return
		case m.ID == id:
			return
		}
	}
}

// lost gives up a worker, and says why.
func (s *Session) lost(err error, job string) error {
	e := &Error{Kind: KindUnavailable, Job: job, Message: err.Error()}
	var crash *pyenv.CrashError
	switch {
	case errors.As(err, &crash):
		e.Message, e.Output = "the job's process ended ("+crash.State+")", crash.Stderr
	case errors.Is(err, errSilent):
		e.Message = fmt.Sprintf("nothing was heard of it for %s", s.o.Deadline)
	}
	s.end()
	return e
}

func (s *Session) end() {
	if s.worker != nil {
		s.worker.Kill()
		s.worker = nil
	}
}

// fetches is how often it is tried to fetch what Spark needs.
const fetches = 3

// start starts the worker, unless it runs.
func (s *Session) start(ctx context.Context) error {
	if s.worker != nil {
		return nil
	}
	if s.o.Remote == "" {
		if _, _, err := Java(ctx, s.o.Environ); err != nil {
			return err
		}
	}
	env, err := Environment(ctx, s.o)
	if err != nil {
		return err
	}
	command, err := s.command(env.Python)
	if err != nil {
		return fmt.Errorf("start Spark: %w", err)
	}
	for n := 1; ; n++ {
		err := s.launch(ctx, command)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(e.Output, "unresolved dependenc") && !strings.Contains(e.Output, "download failed") {
			return err
		}
		e.Kind, e.Message = KindUnavailable, "the packages of spark.jars.packages cannot be fetched"
		if n == fetches {
			return e
		}
		s.o.Progress(e.Message + ": trying again")
	}
}

func (s *Session) launch(ctx context.Context, c pyenv.Command) (err error) {
	s.o.Progress("starting Spark")
	if s.worker, err = pyenv.Start("Spark's job", c); err != nil {
		s.worker = nil
		return fmt.Errorf("start Spark: %w", err)
	}
	m, err := s.next(ctx, s.o.Deadline)
	switch {
	case err != nil && ctx.Err() != nil:
		s.end()
		return fmt.Errorf("start Spark: %w", context.Cause(ctx))
	case err != nil:
		return s.lost(err, "")
	case m.Error != nil:
		e, worker := m.Error.of(Job{}), s.worker
		s.end()
		e.Output = worker.Stderr()
		return e
	case m.Event != "ready" || m.Protocol != protocol:
		return s.lost(fmt.Errorf("it does not speak protocol %d", protocol), "")
	}
	s.o.Progress("Spark " + m.Spark + " is ready")
	return nil
}

// protocol is the version of the conversation that both sides speak.
const protocol = 1

// sessionOptions are what the worker makes its session of.
type sessionOptions struct {
	Remote string            `json:"remote"`
	Master string            `json:"master"`
	Conf   map[string]string `json:"conf"`
}

// script writes the job down and returns its path.
func (s *Session) script() (string, error) {
	path := filepath.Join(s.dir, "mlp_job.py")
	return path, writeScript(path)
}

// command returns how the job is started.
func (s *Session) command(python string) (pyenv.Command, error) {
	script, err := s.script()
	if err != nil {
		return pyenv.Command{}, err
	}
	options, err := json.Marshal(sessionOptions{Remote: s.o.Remote, Master: s.o.Master, Conf: s.conf()})
	if err != nil {
		return pyenv.Command{}, err
	}
	config := filepath.Join(s.dir, "options.json")
	if err := os.WriteFile(config, options, 0o600); err != nil {
		return pyenv.Command{}, err
	}
	return pyenv.Command{Path: python, Args: []string{"-s", "-B", script, "serve", config}, Dir: s.dir, Env: s.environ(python)}, nil
}

// environ is the environment of a job: what would let it run on another Spark or
// Python than is meant is left out, and so is the key that signs.
func (s *Session) environ(python string) []string {
	env := without(s.o.Environ, "PYTHON", "VIRTUAL_ENV=", "SPARK_", "PYSPARK_", "MLP_SIGNING_KEY=")
	return append(env, "PYSPARK_PYTHON="+python, "PYSPARK_DRIVER_PYTHON="+python, "PYTHONHASHSEED=0", "PYTHONUTF8=1", "TZ=UTC", "LC_ALL=C.UTF-8")
}

// conf are the settings that a Spark is started with.
func (s *Session) conf() map[string]string {
	conf := map[string]string{
		"spark.ui.enabled":             "false",
		"spark.ui.showConsoleProgress": "false",
		"spark.sql.warehouse.dir":      filepath.Join(s.dir, "warehouse"),
		// A long expression of a spec is a deep one of Spark's.
		"spark.driver.extraJavaOptions":   "-Duser.timezone=UTC -Xss16m",
		"spark.executor.extraJavaOptions": "-Duser.timezone=UTC -Xss16m",
	}
	if s.o.Local() {
		conf["spark.driver.memory"] = "4g"
		conf["spark.driver.host"], conf["spark.driver.bindAddress"] = "127.0.0.1", "127.0.0.1"
		conf["spark.local.dir"] = filepath.Join(s.dir, "local")
	}
	if s.o.CacheDir != "" {
		conf["spark.jars.ivy"] = filepath.Join(s.o.CacheDir, "ivy")
	}
	maps.Copy(conf, s3Conf(s.o.Environ))
	maps.Copy(conf, s.o.Conf)
	return conf
}

// s3Conf are the settings of s3a for a server that is not Amazon's, as the
// variables name it that mlp itself reads. Keys are found in these by Spark.
func s3Conf(environ []string) map[string]string {
	endpoint := cmp.Or(lookUp(environ, "AWS_ENDPOINT_URL_S3"), lookUp(environ, "AWS_ENDPOINT_URL"))
	if endpoint == "" {
		return nil
	}
	return map[string]string{
		"spark.hadoop.fs.s3a.endpoint":          endpoint,
		"spark.hadoop.fs.s3a.path.style.access": "true",
		"spark.hadoop.fs.s3a.endpoint.region":   cmp.Or(lookUp(environ, "AWS_REGION"), lookUp(environ, "AWS_DEFAULT_REGION"), "us-east-1"),
	}
}
