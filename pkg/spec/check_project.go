package spec

import (
	"crypto/ed25519"
	"encoding/base64"
	"path"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/specpb"
)

const (
	storeScheme = "file:"
	keyScheme   = "ed25519:"
)

// inBucket is the location of a store in a bucket.
func inBucket(location string) bool {
	return regexp.MustCompile(`^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*$`).MatchString(location)
}

func checkProject(c *checker, p *specpb.Project) {
	c.name(p, plainName)
	if s := p.GetStore(); s != "" && !inBucket(s) && (!strings.HasPrefix(s, storeScheme) || s == storeScheme) {
		c.errorf(p, "store", "bad-store", "%s is not a store", quoted(s)).Hintf("write it as in file:.mlp/store or s3://bucket/prefix")
	}
	if p.GetSpark() != nil {
		c.spark(p.GetSpark())
	}
	c.keys(p.GetKeys())
	c.keys(p.GetReporters())
	for _, k := range p.GetReporters() {
		if len(k.GetChannels()) > 0 {
			c.errorf(k, "channels", "reporter-channels", "a reporter signs no releases").
				Hintf("list the key under keys as well, if it may")
		}
	}
}

// spark checks where Spark runs.
func (c *checker) spark(s *specpb.Spark) {
	if r := s.GetRemote(); r != "" && !regexp.MustCompile(`^sc://[^\s/]`).MatchString(r) {
		c.errorf(s, "remote", "bad-spark", "%s is no Spark Connect server", quoted(r)).Hintf("write it as in sc://spark.example.org:15002")
	}
	if s.GetRemote() != "" && len(s.GetSubmit()) > 0 {
		c.errorf(s, "submit", "bad-spark", "both remote and submit say where jobs run").Hintf("leave out one of them")
	}
	if m := s.GetMaster(); m != "" && !regexp.MustCompile(`^(local(\[(\*|[1-9]\d*)\])?|yarn|(spark|k8s)://\S+)$`).MatchString(m) {
		c.errorf(s, "master", "bad-spark", "%s is no master of Spark", quoted(m)).Hintf("write it as in local[*], local[4] or spark://host:7077")
	}
	if d := s.GetScratch(); strings.Contains(d, "://") && !regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[^\s/]`).MatchString(d) {
		c.errorf(s, "scratch", "bad-spark", "%s is no place", quoted(d)).Hintf("write it as in s3a://bucket/prefix")
	}
	for _, e := range s.GetConf() {
		switch {
		case !strings.HasPrefix(e.GetKey(), "spark."):
			c.errorf(e, "key", "bad-spark", "%s is no setting of Spark", quoted(e.GetKey())).Hintf("settings begin with \"spark.\"")
		case slices.Contains([]string{"spark.sql.ansi.enabled", "spark.sql.session.timeZone"}, e.GetKey()):
			c.errorf(e, "key", "bad-spark", "%s decides values, and is mlp's to set", quoted(e.GetKey())).Hintf("leave it out")
		}
	}
	for i, p := range s.GetPackages() {
		if !regexp.MustCompile(`^[\w.-]+:[\w.-]+:[\w.-]+$`).MatchString(p) {
			c.list.Errorf(c.doc.Field(s, "packages", i), "bad-spark", "%s is no package of Maven", quoted(p)).Hintf("write it as in org.apache.hadoop:hadoop-aws:3.5.0")
		}
	}
}

func (c *checker) keys(keys []*specpb.TrustedKey) {
	scope := names{}
	for _, k := range keys {
		c.name(k, looseName)
		c.unique(scope, k.GetName(), c.doc.Field(k, "name"))
		c.require(k, "public_key")
		text, ok := strings.CutPrefix(k.GetPublicKey(), keyScheme)
		raw, err := base64.StdEncoding.Strict().DecodeString(text)
		if k.GetPublicKey() != "" && (!ok || err != nil || len(raw) != ed25519.PublicKeySize) {
			c.errorf(k, "public_key", "bad-key", "this is not a public key").
				Hintf("a public key is %s and the base64 form of %d bytes", keyScheme, ed25519.PublicKeySize)
		}
		c.uniqueTexts(k, "channels", k.GetChannels())
		for i, channel := range k.GetChannels() {
			c.form(c.doc.Field(k, "channels", i), channel, looseName)
		}
	}
}

func checkEnvironment(c *checker, e *specpb.Environment) {
	c.name(e, plainName)
	c.nameOr(e, "channel", e.GetChannel(), looseName)
	c.models(e, e.GetModels())
}

// models checks a list of models that may be "*".
func (c *checker) models(m proto.Message, models []string) {
	c.notBlank(m, "models", models)
	c.uniqueTexts(m, "models", models)
	if i := slices.Index(models, "*"); i >= 0 && len(models) > 1 {
		c.list.Errorf(c.doc.Field(m, "models", i), "bad-models", `"*" is every model and stands alone`)
	}
}

func checkModel(c *checker, m *specpb.Model) {
	c.name(m, plainName)
	c.require(m, "dataset", "feature_set", "trainer", "target_fpr")
	c.notBlank(m, "features", m.GetFeatures())
	c.uniqueTexts(m, "features", m.GetFeatures())
	c.nameOr(m, "channel", m.GetChannel(), looseName)
	if f := m.GetTargetFpr(); f < 0 || f >= 1 {
		c.errorf(m, "target_fpr", "out-of-range", "target_fpr must be greater than 0 and less than 1")
	}
	if _, ok := c.doc.Expanded(m.GetTrainer()); !ok && m.GetTrainer() != nil && !c.partial {
		c.errorf(m, "trainer", "missing-field", "trainer has no parameters").
			Hintf("write trainer { [type.googleapis.com/mlp.trainers.sklearn.LogisticRegression] { } }")
	}
	g := m.GetGates()
	if g == nil {
		return
	}
	if r := g.GetMinRecall(); r < 0 || r > 1 {
		c.errorf(g, "min_recall", "out-of-range", "min_recall must lie between 0 and 1")
	}
	if f := g.GetMaxFpr(); g.MaxFpr != nil && (f <= 0 || f > 1) {
		c.errorf(g, "max_fpr", "out-of-range", "max_fpr must be greater than 0 and at most 1")
	}
	if r := g.GetMaxRecallDrop(); r < 0 || r >= 1 {
		c.errorf(g, "max_recall_drop", "out-of-range", "max_recall_drop must be at least 0 and less than 1")
	}
	if f := g.GetMaxFprRise(); f < 0 || f >= 1 {
		c.errorf(g, "max_fpr_rise", "out-of-range", "max_fpr_rise must be at least 0 and less than 1")
	}
	c.notBlank(g, "must_catch", g.GetMustCatch())
	c.uniqueTexts(g, "must_catch", g.GetMustCatch())
}

func checkSite(c *checker, s *specpb.Site) {
	c.require(s, "format_version", "repository", "environment", "channel", "store", "models", "keys")
	if v := s.GetFormatVersion(); v != 0 && v != 1 {
		c.errorf(s, "format_version", "unknown-format", "format_version is %d, but this mlp reads 1", v).Hintf("take a newer mlp")
	}
	c.nameOr(s, "repository", s.GetRepository(), plainName)
	c.nameOr(s, "environment", s.GetEnvironment(), plainName)
	c.nameOr(s, "site", s.GetSite(), looseName)
	c.nameOr(s, "channel", s.GetChannel(), looseName)
	if where, ok := strings.CutPrefix(s.GetStore(), storeScheme); s.GetStore() != "" && !inBucket(s.GetStore()) && (!ok || !path.IsAbs(where)) {
		c.errorf(s, "store", "bad-store", "%s is not the absolute place of a store", quoted(s.GetStore())).Hintf("write it as in file:/srv/mlp or s3://bucket/prefix")
	}
	c.models(s, s.GetModels())
	c.keys(s.GetKeys())
	if f := s.GetFloor(); f != nil {
		c.floor(f)
	}
}

func (c *checker) floor(f *specpb.Floor) {
	c.notNegative(f, "number")
	switch _, err := digest.Parse(f.GetDigest()); {
	case f.GetNumber() == 0 && f.GetDigest() != "":
		c.errorf(f, "digest", "bad-digest", "release 0 does not exist and has no digest")
	case f.GetNumber() > 0 && err != nil:
		c.digest(f, "digest", f.GetDigest())
	}
}
