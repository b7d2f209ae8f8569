package spark

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// oldestJava is the version that Spark 4 needs.
const oldestJava = 17

// JavaError says that there is no Java to run Spark with.
type JavaError struct{ Err error }

// Error says what was found.
func (e *JavaError) Error() string { return "start Spark: " + e.Err.Error() }

// Unwrap returns Err.
func (e *JavaError) Unwrap() error { return e.Err }

// Hint says what to do.
func (e *JavaError) Hint() string {
	return fmt.Sprintf("install Java %d or newer, or set JAVA_HOME to one; a Spark Connect server (SPARK_REMOTE) needs none here", oldestJava)
}

// Java returns the Java that Spark is started with: that of JAVA_HOME, or the
// java of PATH. One that is too old is a *JavaError.
func Java(ctx context.Context, environ []string) (path, version string, err error) {
	path, err = findJava(environ)
	if err != nil {
		return "", "", &JavaError{err}
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "-version")
	cmd.Env = environ
	out, err := cmd.CombinedOutput()
	if err != nil {
		return path, "", &JavaError{fmt.Errorf("%s -version: %w", path, err)}
	}
	version, major := javaVersion(string(out))
	switch {
	case version == "":
		return path, "", &JavaError{fmt.Errorf("%s does not tell its version", path)}
	case major < oldestJava:
		return path, version, &JavaError{fmt.Errorf("%s is Java %s, Spark needs %d", path, version, oldestJava)}
	}
	return path, version, nil
}

func findJava(environ []string) (string, error) {
	if home := lookUp(environ, "JAVA_HOME"); home != "" {
		path := filepath.Join(home, "bin", "java")
		if !executable(path) {
			return "", fmt.Errorf("JAVA_HOME is %s, which has no bin/java", home)
		}
		return path, nil
	}
	for _, dir := range filepath.SplitList(lookUp(environ, "PATH")) {
		if path := filepath.Join(dir, "java"); filepath.IsAbs(path) && executable(path) {
			return path, nil
		}
	}
	return "", errors.New("there is no java in PATH, and JAVA_HOME is not set")
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

// javaVersion finds the version in what java -version prints: 17.0.15, and
// 1.8.0_402 for Java 8.
func javaVersion(text string) (version string, major int) {
	found := regexp.MustCompile(`version "(1\.)?(\d+)([^"]*)"`).FindStringSubmatch(text)
	if found == nil {
		return "", 0
	}
	major, err := strconv.Atoi(found[2])
	if err != nil {
		return "", 0
	}
	return found[1] + found[2] + found[3], major
}

// lookUp returns the value of a variable; the last one of a name counts.
func lookUp(environ []string, name string) (value string) {
	for _, v := range environ {
		if text, ok := strings.CutPrefix(v, name+"="); ok {
			value = text
		}
	}
	return value
}

// without returns the variables whose names begin with none of the prefixes.
func without(environ []string, prefixes ...string) []string {
	var kept []string
next:
	for _, v := range environ {
		for _, p := range prefixes {
			if strings.HasPrefix(v, p) {
				continue next
			}
		}
		kept = append(kept, v)
	}
	return kept
}
