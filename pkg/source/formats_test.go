package source

import (
	"strings"
	"testing"
)

// benchCase is a record of some format, and what is read of it.
type benchCase struct {
	name   string
	format Format
	raw    []string
	header string
	line   string
}

func benchCases(t testing.TB) []benchCase {
	names := strings.Fields("ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto")
	const object = `{"ts":1664462456.755299,"uid":"C5xhsO3uGtOfyrBlHh","id.orig_h":"172.16.1.11","id.orig_p":40042,"id.resp_h":"8.8.8.8","id.resp_p":53,"proto":"udp",` +
		`"service":"dns","duration":0.012166976928710938,"orig_bytes":0,"resp_bytes":111,"conn_state":"SHR","local_orig":true,"local_resp":false,"missed_bytes":0,` +
		`"history":"Cd","orig_pkts":0,"orig_ip_bytes":0,"resp_pkts":1,"resp_ip_bytes":139}` + "\n"
	const apache = `(?P<ip>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<method>\S+) (?P<path>\S+) [^"]*" (?P<status>\d+) (?P<bytes>\S+) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)"`
	return []benchCase{
		{"csv", Format{CSV{Separator: ',', Quote: '"'}}, names[:3], "ts,uid,id.orig_h,id.orig_p,id.resp_h,id.resp_p,proto,service,duration\n",
			"1596790183.031212,CjZbi34n4DciH8lAec,10.8.0.61,44297,157.240.23.25,443,tcp,-,0.257309\n"},
		{"quoted csv", Format{CSV{Separator: ',', Quote: '"'}}, []string{"a", "b", "c"}, "a,b,c\n", "\"select \"\"x\"\" from y\nwhere z\",\"a text of some length, and more\",12\n"},
		{"json", Format{JSON{}}, names, "", object},
		{"regex", Format{patterns(t, apache)}, []string{"ip", "user", "time", "method", "path", "status", "agent"}, "",
			`203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] "GET /index.php?id=1 HTTP/1.1" 200 2326 "https://example.org/" "Mozilla/5.0 (X11; Linux x86_64)"` + "\n"},
		{"regex with alternatives", Format{patterns(t, `\w+ +\d+ [\d:]+ \S+ sshd\[(?P<pid>\d+)\]: (?:Failed|Accepted) \w+ for (?:invalid user )?(?P<user>\S+) from (?P<src>\S+) port (?P<port>\d+).*`)},
			[]string{"pid", "user", "src", "port"}, "", "Dec 10 06:55:46 LabSZ sshd[24200]: Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2\n"},
		{"key_value", Format{KeyValue{Separator: " ", Assign: "=", Quote: '"'}}, []string{"SRC", "DST", "LEN", "PROTO", "SPT", "DPT"}, "",
			`Jun  8 14:34:33 host kernel: [5002.08] IN=enp1s0 OUT= MAC="00:08" SRC=195.54.160.107 DST=51.15.166.67 LEN=40 TOS=0x00 TTL=245 ID=37308 PROTO=TCP SPT=8080 DPT=8123 WINDOW=1024 RES=0x00 SYN URGP=0` + "\n"},
		{"shapes", Format{tsv[0], JSON{}}, names[:3], "#fields\tts\tuid\tid.orig_h\tx\n", "1596790183.031212\tCjZbi34n4DciH8lAec\t10.8.0.61\t44297\n" + object},
	}
}

func BenchmarkFormats(b *testing.B) {
	for _, bb := range benchCases(b) {
		b.Run(bb.name, func(b *testing.B) {
			const n = 50_000
			input := bb.header + strings.Repeat(bb.line, n)
			b.SetBytes(int64(len(input)))
			b.ReportAllocs()
			batch := new(Batch)
			for b.Loop() {
				r := NewReader(strings.NewReader(input), Options{Format: bb.format, Raw: bb.raw})
				for r.Read(batch) == nil {
				}
				if r.Counts().Rows < n || r.Counts().Rejected() > 0 {
					b.Fatal(r.Counts())
				}
			}
		})
	}
}

// TestFormatsDoNotAllocate reads each format without memory of its own, but for
// the one result that package regexp makes of a match.
func TestFormatsDoNotAllocate(t *testing.T) {
	for _, bb := range benchCases(t) {
		input := bb.header + strings.Repeat(bb.line, 50_000)
		r := NewReader(strings.NewReader(input), Options{Format: bb.format, Raw: bb.raw, Text: true})
		b := &Batch{Cap: 1000}
		for range 3 {
			if err := r.Read(b); err != nil {
				t.Fatal(err)
			}
		}
		most := 0.0
		if bb.name == "regex with alternatives" {
			most = 1000
		}
		if n := testing.AllocsPerRun(30, func() { _ = r.Read(b) }); n > most || b.N == 0 {
			t.Errorf("%s: %v allocations a read of %d rows, want %v", bb.name, n, b.N, most)
		}
	}
}
