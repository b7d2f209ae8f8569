package main

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/mlpdev/mlp/pkg/scaffold"
)

// linesPerFile is about how long a generated log is; the last one is shorter.
const linesPerFile = 500_000

// generate writes logs of a kind with about so many lines, and returns their
// paths in the order of their days. The same number gives the same bytes.
func generate(dir, kind string, lines int) ([]string, error) {
	write := connLog
	if kind == "web" {
		write = webLog
	}
	var paths []string
	for n := 0; lines > 0; n++ {
		path := filepath.Join(dir, fmt.Sprintf("%s-%03d.log", kind, n))
		if err := written(path, func(w *bufio.Writer) { write(w, n, min(lines, linesPerFile)) }); err != nil {
			return nil, err
		}
		paths = append(paths, path)
		lines -= linesPerFile
	}
	return paths, nil
}

// written writes a file. A failed write stays in the writer until its end.
func written(path string, write func(*bufio.Writer)) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	write(w)
	err = w.Flush()
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// begin is when the log of a day begins.
func begin(day int) time.Time { return time.Date(2026, 1, 1+day, 8, 0, 0, 0, time.UTC) }

// connLog writes connections of a day as Zeek does. Of some lines the time is
// not set, and some are cut: they are rejects.
func connLog(w *bufio.Writer, day, lines int) {
	const perScanner = 50 // in the mean
	scanners := lines / 10 / perScanner
	text := scaffold.Log{Seed: uint64(day + 1), Start: begin(day), Records: lines - scanners*perScanner, Scanners: scanners}.Bytes()
	i := 0
	for line := range bytes.Lines(text) {
		i++
		switch {
		case line[0] == '#':
		case i%997 == 0:
			_, after, _ := bytes.Cut(line, []byte("\t"))
			line = append([]byte("-\t"), after...)
		case i%1499 == 0:
			line = append(bytes.Clone(line[:20]), '\n')
		}
		_, _ = w.Write(line)
	}
}

// webLog writes requests of a day in Apache's combined format. Some are none of
// HTTP, as what scanners send to a port of TLS: they are rejects.
func webLog(w *bufio.Writer, day, lines int) {
	r := rand.New(rand.NewPCG(uint64(day+1), 0x776562))
	at := begin(day).UnixMicro()
	step := (6 * time.Hour).Microseconds() / int64(lines)
	for i := range lines {
		at += 1 + r.Int64N(2*step)
		request, status, size := request(r)
		if i%997 == 996 {
			request, status, size = `\x16\x03\x01\x02`, 400, "226"
		}
		client, user, referer := fmt.Sprintf("10.0.%d.%d", r.IntN(4), 2+r.IntN(250)), "-", "-"
		if r.IntN(12) == 0 {
			client = fmt.Sprintf("203.0.113.%d", 1+r.IntN(250))
		}
		if r.IntN(20) == 0 {
			user = fmt.Sprintf("user%d", r.IntN(40))
		}
		if r.IntN(3) > 0 {
			referer = fmt.Sprintf("https://www.example.org/page/%d", r.IntN(500))
		}
		fmt.Fprintf(w, "%s - %s [%s] \"%s\" %d %s \"%s\" \"%s\"\n", client, user, time.UnixMicro(at).UTC().Format("02/Jan/2006:15:04:05 -0700"),
			request, status, size, referer, agent(r))
	}
}

// request is a request line, the status and the size of the answer.
func request(r *rand.Rand) (line string, status int, size string) {
	status, size = 200, fmt.Sprint(200+r.Int64N(90_000))
	switch n := r.IntN(100); {
	case n < 55:
		line = fmt.Sprintf("GET /page/%d HTTP/1.1", r.IntN(2000))
	case n < 75:
		line = fmt.Sprintf("GET /static/js/app-%d.js?v=%x HTTP/1.1", r.IntN(30), r.IntN(4096))
	case n < 85:
		line, status, size = fmt.Sprintf("GET /static/img/%d.png HTTP/1.1", r.IntN(900)), 304, "-"
	case n < 93:
		line = fmt.Sprintf("POST /api/v1/items/%d HTTP/1.1", r.IntN(5000))
	case n < 97:
		line, status = fmt.Sprintf("GET /%x/admin.php HTTP/1.0", r.IntN(65536)), 404
	default:
		line, status = fmt.Sprintf("GET /search?q=%d%%27+OR+1=1--<script>(%d) HTTP/1.1", r.IntN(1000), r.IntN(9)), 403
	}
	return line, status, size
}

// agent is what a client says that it is.
func agent(r *rand.Rand) string {
	switch r.IntN(12) {
	case 0:
		return "curl/8.5.0"
	case 1:
		return "sqlmap/1.8 (https://sqlmap.org)"
	case 2:
		return "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15"
	default:
		return fmt.Sprintf("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/%d.0.0.0 Safari/537.36", 118+r.IntN(9))
	}
}
