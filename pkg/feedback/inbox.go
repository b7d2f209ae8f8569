package feedback

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mlpdev/mlp/pkg/alert"
	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
	"github.com/mlpdev/mlp/pkg/specpb"
)

// Inbox is where verdicts are filed in a store: the beginning of their names.
const Inbox = "inbox/verdicts/"

// FiledVersion is the version of a filed verdict's format, and filedType its
// payload type.
const (
	FiledVersion = 1
	filedType    = "application/vnd.mlp.verdict.v1+json"
)

// Filed is a verdict on an alert that a site without Git files in its store.
type Filed struct {
	FormatVersion int         `json:"format_version"`
	Repository    string      `json:"repository"`
	Environment   string      `json:"environment"`
	Verdict       string      `json:"verdict"` // "attack" or "benign"
	By            string      `json:"by"`
	At            time.Time   `json:"at"`
	Note          string      `json:"note"`
	Alert         alert.Alert `json:"alert"`
	// Segments are all records of the row.
	Segments []alert.Segment `json:"segments"`
}

// ParseVerdict reads a verdict in words; VERDICT_UNSPECIFIED where it is none.
func ParseVerdict(text string) specpb.Verdict {
	return map[string]specpb.Verdict{"attack": specpb.Verdict_ATTACK, "benign": specpb.Verdict_BENIGN}[text]
}

// name is that of a verdict by a key: one a key, alert and verdict, so that
// filing it again is no second one.
func (f Filed) name(key dsse.Key) string {
	return fmt.Sprintf("%s%s/%s-%s", Inbox, digest.Of(key.Public).Hex()[:16], f.Alert.ID.Hex(), f.Verdict)
}

// Seal signs a verdict and returns its name and its envelope.
func (f Filed) Seal(key *dsse.PrivateKey) (name string, envelope []byte, err error) {
	f.FormatVersion = FiledVersion
	if err := f.check(f.Repository); err != nil {
		return "", nil, err
	}
	payload, err := json.Marshal(f)
	if err != nil {
		return "", nil, err
	}
	envelope, err = dsse.Sign(filedType, payload, key)
	return f.name(key.Key()), envelope, err
}

// Open verifies a filed verdict, before it reads it, by the keys that may file
// some, and returns whose it is. What is not as Seal made it is refused.
func Open(name string, envelope []byte, repository string, reporters []dsse.Key) (Filed, dsse.Key, error) {
	verified, err := dsse.Verify(envelope, filedType, reporters)
	if err != nil {
		return Filed{}, dsse.Key{}, err
	}
	var f Filed
	decoder := json.NewDecoder(bytes.NewReader(verified.Payload))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if err := decoder.Decode(&f); err != nil {
		return Filed{}, dsse.Key{}, errors.New("not a verdict of format version 1") // the library quotes
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Filed{}, dsse.Key{}, errors.New("there is more after the verdict")
	}
	if err := f.check(repository); err != nil {
		return Filed{}, dsse.Key{}, err
	}
	for _, key := range reporters {
		if slices.Contains(verified.Signers, key.Name) && f.name(key) == name {
			return f, key, nil
		}
	}
	return Filed{}, dsse.Key{}, errors.New("it does not stand under its own name")
}

func (f Filed) check(repository string) error {
	switch {
	case f.FormatVersion != FiledVersion:
		return fmt.Errorf("verdict of format version %d, want %d", f.FormatVersion, FiledVersion)
	case f.Repository != repository:
		return fmt.Errorf("verdict of repository %q, this is %q", f.Repository, repository)
	case ParseVerdict(f.Verdict) == specpb.Verdict_VERDICT_UNSPECIFIED:
		return fmt.Errorf("verdict is %q, want attack or benign", f.Verdict)
	case strings.TrimSpace(f.Note) == "" || strings.TrimSpace(f.By) == "":
		return errors.New("who and why are required")
	}
	if err := f.Alert.Check(); err != nil {
		return err
	}
	if !f.Alert.IsWhole(f.Segments) {
		return fmt.Errorf("alert %s: its records are not all there", f.Alert.Short())
	}
	return nil
}

// Ballot is what was filed about one alert.
type Ballot struct {
	// Votes are the verdicts of different keys, in the order of their names.
	Votes []Filed
	// Keys are their keys' names.
	Keys []string
}

// Add counts a verdict.
func (b *Ballot) Add(f Filed, key dsse.Key) {
	b.Votes, b.Keys = append(b.Votes, f), append(b.Keys, key.Name)
}

// Agreed returns the verdict of a ballot: the one that at least quorum keys
// gave and nobody contradicted. Otherwise it says why there is none.
func (b *Ballot) Agreed(quorum int) (Filed, string) {
	by := map[string][]string{}
	for i, v := range b.Votes {
		by[v.Verdict] = append(by[v.Verdict], b.Keys[i])
	}
	if len(by["attack"]) > 0 && len(by["benign"]) > 0 {
		return Filed{}, fmt.Sprintf("attack by %s, benign by %s", strings.Join(by["attack"], ", "), strings.Join(by["benign"], ", "))
	}
	if len(b.Votes) < quorum {
		return Filed{}, fmt.Sprintf("%s by %s: %d of %d that are needed", b.Votes[0].Verdict, strings.Join(b.Keys, ", "), len(b.Votes), quorum)
	}
	return b.Votes[0], ""
}
