package scaffold

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// Forms is a generated log of what visitors fill into the forms of a web site,
// in CSV: texts of several lines, with commas and quotes.
type Forms struct {
	Seed     uint64
	Start    time.Time // the log covers six hours from here
	Records  int       // of people
	Attacks  int       // values that carry code
	Labelled bool      // with the column label
}

// form is one value.
type form struct {
	at           time.Duration // since the start
	client       string
	field, value string
	label        string
}

// Bytes returns the log's text; the same value gives the same bytes. Addresses
// are those of [Log].
func (l Forms) Bytes() []byte {
	r := rand.New(rand.NewPCG(l.Seed, 0x666f726d))
	var forms []form
	for range l.Records {
		forms = append(forms, filled(r))
	}
	for range l.Attacks {
		forms = append(forms, injected(r))
	}
	slices.SortStableFunc(forms, func(a, b form) int { return int(a.at - b.at) })
	var b bytes.Buffer
	write := func(cells ...string) {
		if !l.Labelled {
			cells = cells[:len(cells)-1]
		}
		b.WriteString(strings.Join(cells, ",") + "\r\n")
	}
	write("time", "client", "field", "value", "label")
	for _, f := range forms {
		write(l.Start.Add(f.at).UTC().Format("2006-01-02T15:04:05Z"), f.client, f.field, `"`+strings.ReplaceAll(f.value, `"`, `""`)+`"`, f.label)
	}
	return b.Bytes()
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

// filled is what people write: names, addresses, comments, now and then with
// what code is made of.
func filled(r *rand.Rand) form {
	f := form{at: time.Duration(r.Int64N(int64(span))), client: fmt.Sprintf("198.51.100.%d", 1+r.IntN(200)), label: "clean"}
	name := pick(r, "Ada", "Grace", "Edsger", "Barbara", "Ken") + " " + pick(r, "O'Neill", "Lovelace", "Hopper", "d'Arc", "Smith-Jones")
	switch r.IntN(4) {
	case 0:
		f.field, f.value = "name", name
	case 1:
		f.field, f.value = "address", fmt.Sprintf("%s\n%d Garden Road, flat %c\n%05d Old Town", name, 1+r.IntN(200), 'A'+rune(r.IntN(6)), r.IntN(100000))
	case 2:
		f.field, f.value = "search", fmt.Sprintf("%s %s (%d)", pick(r, "red", "warm", "small"), pick(r, "shoes", "boots", "coats & hats"), 30+r.IntN(16))
	default:
		f.field = "comment"
		f.value = fmt.Sprintf("Order %d came %s.\n\n%s said: \"%s\"", r.IntN(100000), pick(r, "late", "broken", "today; thank you"), name,
			pick(r, "select another size, or union colours", "where is it?", "1 < 2, and 3 > 2", "I'd like it back -- please"))
	}
	return f
}

// injected is a value that carries code: of SQL, of a page, or a path.
func injected(r *rand.Rand) form {
	f := form{at: time.Duration(r.Int64N(int64(span))), client: fmt.Sprintf("203.0.113.%d", 1+r.IntN(250)), field: pick(r, "name", "address", "search", "comment"), label: "attack"}
	n := r.IntN(1000)
	switch r.IntN(4) {
	case 0:
		f.value = fmt.Sprintf("' OR %d=%d -- ", n, n)
	case 1:
		f.value = fmt.Sprintf("%d' UNION SELECT name,\n%s FROM users WHERE \"id\" > %d; -- ", n, pick(r, "password", "NULL", "char(58)"), n)
	case 2:
		f.value = fmt.Sprintf("<script>\n%s(%d)\n</script>", pick(r, "alert", "fetch", "eval"), n)
	default:
		f.value = strings.Repeat("../", 2+r.IntN(5)) + pick(r, "etc/passwd", "windows/win.ini", "proc/self/environ")
	}
	return f
}
