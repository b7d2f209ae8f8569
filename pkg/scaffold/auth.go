package scaffold

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Auth is a generated log of an SSH server: people who log in, and hosts that
// guess passwords.
type Auth struct {
	Seed     uint64
	Start    time.Time // the log covers six hours from here
	Logins   int       // of people, some with a wrong password first
	Guessers int       // hosts that guess
}

// auth is one line.
type auth struct {
	at      time.Duration // since the start
	pid     int
	message string
}

// Bytes returns the log's text; the same value gives the same bytes. Addresses
// are those of [Log].
func (l Auth) Bytes() []byte {
	r := rand.New(rand.NewPCG(l.Seed, 0x73736864))
	var lines []auth
	for range l.Logins {
		lines = append(lines, login(r)...)
	}
	for i := range l.Guessers {
		lines = append(lines, guess(r, i)...)
	}
	slices.SortStableFunc(lines, func(a, b auth) int { return int(a.at - b.at) })
	var b bytes.Buffer
	for _, a := range lines {
		fmt.Fprintf(&b, "%s gate sshd[%d]: %s\n", l.Start.Add(a.at).UTC().Format("2006-01-02T15:04:05.000Z"), a.pid, a.message)
	}
	return b.Bytes()
}

// login is a person who logs in: by key, or by a password that is wrong once
// or twice now and then.
func login(r *rand.Rand) []auth {
	at, pid := time.Duration(r.Int64N(int64(span))), 1000+r.IntN(30000)
	user := []string{"ada", "grace", "edsger", "barbara", "ken", "backup", "git"}[r.IntN(7)]
	from := fmt.Sprintf("10.0.0.%d port %d ssh2", 2+r.IntN(40), 49152+r.IntN(16000))
	method := []string{"publickey", "password"}[r.IntN(2)]
	var out []auth
	if method == "password" {
		for range r.IntN(3) {
			out = append(out, auth{at, pid, "Failed password for " + user + " from " + from})
			at += 2*time.Second + time.Duration(r.Int64N(int64(6*time.Second)))
		}
	}
	out = append(out, auth{at, pid, "Accepted " + method + " for " + user + " from " + from},
		auth{at, pid, "pam_unix(sshd:session): session opened for user " + user + "(uid=1000) by (uid=0)"})
	return out
}

// guess is one host that tries names and passwords, a few a second or slowly.
func guess(r *rand.Rand, i int) []auth {
	at := time.Duration(r.Int64N(int64(span - time.Hour)))
	host := fmt.Sprintf("203.0.113.%d", 1+(i*11+r.IntN(11))%250)
	pause := []time.Duration{300 * time.Millisecond, 2 * time.Second, 40 * time.Second}[r.IntN(3)]
	var out []auth
	for range 12 + r.IntN(40) {
		name := []string{"root", "admin", "test", "oracle", "postgres", "ubuntu", "pi", "guest"}[r.IntN(8)]
		known := "invalid user "
		if name == "root" {
			known = ""
		}
		out = append(out, auth{at, 1000 + r.IntN(30000), fmt.Sprintf("Failed password for %s%s from %s port %d ssh2", known, name, host, 1024+r.IntN(60000))})
		at += pause/2 + time.Duration(r.Int64N(int64(pause)))
	}
	return out
}
