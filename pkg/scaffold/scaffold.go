// Package scaffold makes a new project that applies at once: the example's
// specs, and logs generated from a seed.
package scaffold

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Label is the label expression of generated connection logs: what is neither
// is unlabelled.
const Label = "CASE label WHEN 'Malicious' THEN TRUE WHEN 'Benign' THEN FALSE END"

// Log is a generated Zeek connection log.
type Log struct {
	Seed     uint64
	Start    time.Time // the log covers six hours from here
	Records  int       // benign ones; scans come on top
	Scanners int       // hosts that scan
	Labelled bool      // with the columns label and detailedlabel: 23 columns, else 21
	JSON     bool      // an object a line, which leaves out what is not set; else tabs
}

const columns = "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts resp_ip_bytes tunnel_parents"

// conn is one generated connection.
type conn struct {
	at         time.Duration // since the start
	src, dst   string
	sport      int
	dport      int
	proto      string
	service    string
	duration   float64 // negative: not set
	sent, back int64   // negative: not set
	state      string
	pkts, rets int64
	label      string
}

// Bytes returns the log's text; the same value gives the same bytes. Its
// addresses are those reserved for documentation (RFC 5737) and private use
// (RFC 1918).
func (l Log) Bytes() []byte {
	r := rand.New(rand.NewPCG(l.Seed, 0x6d6c70))
	var conns []conn
	for range l.Records {
		conns = append(conns, benign(r))
	}
	for i := range l.Scanners {
		conns = append(conns, scan(r, i)...)
	}
	slices.SortStableFunc(conns, func(a, b conn) int { return int(a.at - b.at) })
	names := strings.Split(columns, " ")
	if l.Labelled {
		names = append(names, "label", "detailedlabel")
	}
	var b bytes.Buffer
	if l.JSON {
		for i, c := range conns {
			writeJSON(&b, names, l.cells(i, c))
		}
		return b.Bytes()
	}
	b.WriteString("#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n")
	b.WriteString("#fields\t" + strings.Join(names, "\t") + "\n")
	for i, c := range conns {
		b.WriteString(strings.Join(l.cells(i, c), "\t") + "\n")
	}
	b.WriteString("#close\t" + l.Start.Add(span).UTC().Format("2006-01-02-15-04-05") + "\n")
	return b.Bytes()
}

const span = 6 * time.Hour

// cells returns the values of a connection, by columns; "-" is not set.
func (l Log) cells(i int, c conn) []string {
	at := l.Start.Add(c.at)
	unset := func(n int64) string {
		if n < 0 {
			return "-"
		}
		return fmt.Sprint(n)
	}
	duration, service := "-", "-"
	if c.duration >= 0 {
		duration = fmt.Sprintf("%.6f", c.duration)
	}
	if c.service != "" {
		service = c.service
	}
	out := []string{fmt.Sprintf("%d.%06d", at.Unix(), at.Nanosecond()/1000), fmt.Sprintf("C%06d%x", i, l.Seed), c.src, fmt.Sprint(c.sport), c.dst, fmt.Sprint(c.dport),
		c.proto, service, duration, unset(c.sent), unset(c.back), c.state, "-", "-", "0", "-",
		fmt.Sprint(c.pkts), fmt.Sprint(40*c.pkts + max(c.sent, 0)), fmt.Sprint(c.rets), fmt.Sprint(40*c.rets + max(c.back, 0)), "(empty)"}
	if l.Labelled {
		out = append(out, c.label, map[string]string{"Malicious": "Scan", "Benign": "Office", "Background": "(empty)"}[c.label])
	}
	return out
}

// writeJSON writes a record as Zeek does: numbers bare, and nothing of what is
// not set.
func writeJSON(b *bytes.Buffer, names, cells []string) {
	separator := "{"
	for i, name := range names {
		value := cells[i]
		if value == "-" || value == "(empty)" {
			continue
		}
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			value = strconv.Quote(value)
		}
		fmt.Fprintf(b, "%s%q:%s", separator, name, value)
		separator = ","
	}
	b.WriteString("}\n")
}

// benign is what the machines of an office do: pages, names, now and then a
// connection that fails.
func benign(r *rand.Rand) conn {
	c := conn{at: time.Duration(r.Int64N(int64(span))), src: fmt.Sprintf("10.0.0.%d", 2+r.IntN(40)), sport: 49152 + r.IntN(16000), label: "Benign"}
	if r.IntN(25) == 0 {
		c.label = "Background"
	}
	switch n := r.IntN(100); {
	case n < 55:
		c.dst, c.dport, c.proto, c.service, c.state = fmt.Sprintf("198.51.100.%d", 1+r.IntN(200)), 443, "tcp", "ssl", "SF"
		c.duration, c.sent, c.back = r.ExpFloat64()*4, 300+r.Int64N(5000), 800+r.Int64N(200000)
		c.pkts, c.rets = 6+c.sent/800, 6+c.back/1200
	case n < 90:
		c.dst, c.dport, c.proto, c.service, c.state = "10.0.0.1", 53, "udp", "dns", "SF"
		c.duration, c.sent, c.back, c.pkts, c.rets = r.ExpFloat64()*0.05, 30+r.Int64N(40), 50+r.Int64N(200), 1, 1
	case n < 97:
		c.dst, c.dport, c.proto, c.state = fmt.Sprintf("10.0.0.%d", 50+r.IntN(10)), []int{22, 445, 3389}[r.IntN(3)], "tcp", "SF"
		c.duration, c.sent, c.back = r.ExpFloat64()*60, r.Int64N(20000), r.Int64N(20000)
		c.pkts, c.rets = 10+c.sent/600, 10+c.back/600
	default:
		c.dst, c.dport, c.proto, c.state = fmt.Sprintf("198.51.100.%d", 1+r.IntN(200)), 443, "tcp", "S0"
		c.duration, c.sent, c.back, c.pkts = -1, -1, -1, 3
	}
	return c
}

// scan is one host that tries many ports within a few minutes, some of which
// answer.
func scan(r *rand.Rand, i int) []conn {
	begin := time.Duration(r.Int64N(int64(span - 10*time.Minute)))
	src := fmt.Sprintf("203.0.113.%d", 1+(i*7+r.IntN(7))%250)
	out := make([]conn, 25+r.IntN(50))
	for j := range out {
		c := conn{at: begin + time.Duration(r.Int64N(int64(5*time.Minute))), src: src, sport: 40000 + r.IntN(20000), dst: fmt.Sprintf("10.0.0.%d", 2+r.IntN(60)),
			dport: 1 + r.IntN(10000), proto: "tcp", duration: -1, sent: -1, back: -1, state: "S0", pkts: 1 + r.Int64N(2), label: "Malicious"}
		switch n := r.IntN(100); {
		case n < 20:
			c.state, c.rets, c.duration, c.sent, c.back = "REJ", 1, r.ExpFloat64()*0.01, 0, 0
		case n < 23:
			c.state, c.rets, c.duration, c.sent, c.back = "SF", 4, r.ExpFloat64()*0.3, 20, 60+r.Int64N(100)
			c.pkts = 4
		}
		out[j] = c
	}
	return out
}
