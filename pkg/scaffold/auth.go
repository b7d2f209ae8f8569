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
	Pairs    bool      // keys and values, as a collector writes them; else lines of sshd
}

// auth is one line.
type auth struct {
	at      time.Duration // since the start
	pid     int
	result  string // "Accepted" or "Failed"; "" is the session that follows
	method  string
	user    string
	invalid bool // no such user
	host    string
	port    int
}

func (a auth) line(at time.Time) string {
	said := fmt.Sprintf("pam_unix(sshd:session): session opened for user %s(uid=1000) by (uid=0)", a.user)
	if a.result != "" {
		invalid := ""
		if a.invalid {
			invalid = "invalid user "
		}
		said = fmt.Sprintf("%s %s for %s%s from %s port %d ssh2", a.result, a.method, invalid, a.user, a.host, a.port)
	}
	return fmt.Sprintf("%s gate sshd[%d]: %s\n", at.Format(authTime), a.pid, said)
}

func (a auth) pairs(at time.Time) string {
	if a.result == "" {
		return fmt.Sprintf("time=%s host=gate pid=%d msg=\"session opened\" user=%s\n", at.Format(authTime), a.pid, a.user)
	}
	return fmt.Sprintf("time=%s host=gate pid=%d msg=\"login by %s\" result=%s method=%s user=%s ip=%s port=%d\n",
		at.Format(authTime), a.pid, a.method, a.result, a.method, a.user, a.host, a.port)
}

const authTime = "2006-01-02T15:04:05.000Z"

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
		write := a.line
		if l.Pairs {
			write = a.pairs
		}
		b.WriteString(write(l.Start.Add(a.at).UTC()))
	}
	return b.Bytes()
}

// login is a person who logs in: by key, or by a password that is wrong once
// or twice now and then.
func login(r *rand.Rand) []auth {
	at, pid := time.Duration(r.Int64N(int64(span))), 1000+r.IntN(30000)
	a := auth{pid: pid, user: []string{"ada", "grace", "edsger", "barbara", "ken", "backup", "git"}[r.IntN(7)],
		host: fmt.Sprintf("10.0.0.%d", 2+r.IntN(40)), port: 49152 + r.IntN(16000), method: []string{"publickey", "password"}[r.IntN(2)]}
	says := func(result string) auth {
		a.at, a.result = at, result
		return a
	}
	var out []auth
	if a.method == "password" {
		for range r.IntN(3) {
			out = append(out, says("Failed"))
			at += 2*time.Second + time.Duration(r.Int64N(int64(6*time.Second)))
		}
	}
	return append(out, says("Accepted"), says(""))
}

// guess is one host that tries names and passwords, a few a second or slowly.
func guess(r *rand.Rand, i int) []auth {
	at := time.Duration(r.Int64N(int64(span - time.Hour)))
	host := fmt.Sprintf("203.0.113.%d", 1+(i*11+r.IntN(11))%250)
	pause := []time.Duration{300 * time.Millisecond, 2 * time.Second, 40 * time.Second}[r.IntN(3)]
	var out []auth
	for range 12 + r.IntN(40) {
		name := []string{"root", "admin", "test", "oracle", "postgres", "ubuntu", "pi", "guest"}[r.IntN(8)]
		out = append(out, auth{at: at, pid: 1000 + r.IntN(30000), result: "Failed", method: "password", user: name, invalid: name != "root", host: host, port: 1024 + r.IntN(60000)})
		at += pause/2 + time.Duration(r.Int64N(int64(pause)))
	}
	return out
}
