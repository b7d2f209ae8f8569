package scaffold

import (
	"bytes"
	"compress/gzip"
	"time"
)

// Sample is a log of the example project.
type Sample struct {
	Part      string // of the example that it belongs to: "scan", "ssh" or "web"
	Path      string // in the project: "samples/day1.log"
	Bytes     []byte
	Parser    string // that reads it
	Dataset   string // that it is added to; "" for a log of production
	Technique string // of ATT&CK, of the dataset
	Test      bool   // whether models are tested on it
	Label     string // of the whole log: "attack" or "benign"
	LabelExpr string // or of each record
}

// Samples are the logs that a new project begins with: for each parser two
// labelled days, and one of production, which has no labels. On the second day
// logs come in other forms: Zeek writes JSON, and the logins of people come as
// pairs, compressed.
func Samples() []Sample {
	day := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	next, third := day.AddDate(0, 0, 1), day.AddDate(0, 0, 2)
	scan := func(name string, l Log) Sample {
		return Sample{Part: "scan", Path: "samples/" + name, Bytes: l.Bytes(), Parser: "zeek_conn", Dataset: "inbound_scan", Technique: "T1046", LabelExpr: Label}
	}
	ssh := func(name, label string, l Auth) Sample {
		return Sample{Part: "ssh", Path: "samples/" + name, Bytes: l.Bytes(), Parser: "sshd", Dataset: "ssh_guessing", Technique: "T1110.001", Label: label}
	}
	web := func(name string, l Forms) Sample {
		return Sample{Part: "web", Path: "samples/" + name, Bytes: l.Bytes(), Parser: "web_form", Dataset: "form_injection", Technique: "T1190", LabelExpr: "label = 'attack'"}
	}
	return []Sample{
		scan("day1.log", Log{Seed: 1, Start: day, Records: 3000, Scanners: 24, Labelled: true}),
		tested(scan("day2.log", Log{Seed: 2, Start: next, Records: 3000, Scanners: 24, Labelled: true, JSON: true})),
		unlabelled(scan("new.log", Log{Seed: 3, Start: third, Records: 600, Scanners: 3})),
		ssh("logins1.log", "benign", Auth{Seed: 4, Start: day, Logins: 400}),
		ssh("guesses1.log", "attack", Auth{Seed: 5, Start: day, Guessers: 40}),
		tested(compressed(ssh("logins2.log", "benign", Auth{Seed: 6, Start: next, Logins: 400, Pairs: true}))),
		tested(ssh("guesses2.log", "attack", Auth{Seed: 7, Start: next, Guessers: 40})),
		unlabelled(ssh("auth.log", "", Auth{Seed: 8, Start: third, Logins: 120, Guessers: 4})),
		web("forms1.csv", Forms{Seed: 9, Start: day, Records: 1200, Attacks: 150, Labelled: true}),
		tested(web("forms2.csv", Forms{Seed: 10, Start: next, Records: 1200, Attacks: 150, Labelled: true})),
		unlabelled(web("forms.csv", Forms{Seed: 11, Start: third, Records: 200, Attacks: 12})),
	}
}

func tested(s Sample) Sample {
	s.Test = true
	return s
}

// unlabelled is a log of production, which is in no dataset.
func unlabelled(s Sample) Sample {
	s.Dataset, s.Technique, s.Label, s.LabelExpr = "", "", "", ""
	return s
}

func compressed(s Sample) Sample {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(s.Bytes) // a buffer takes everything
	_ = w.Close()
	s.Path, s.Bytes = s.Path+".gz", b.Bytes()
	return s
}
