package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mlpdev/mlp/pkg/digest"
	"github.com/mlpdev/mlp/pkg/dsse"
)

// plantings are what may lie in place of an entry, of an entry and another one
// of its kind.
func plantings() map[string]func(path string, entry, other []byte) error {
	replace := func(path string, data []byte) error {
		return errors.Join(os.Remove(path), os.WriteFile(path, data, 0o444))
	}
	// A stranger signs what another entry says of itself, for this key.
	forge := func(path string, other []byte) (data []byte, key *dsse.PrivateKey, err error) {
		var envelope struct {
			PayloadType string `json:"payloadType"`
			Payload     []byte `json:"payload"`
		}
		if err := json.Unmarshal(other, &envelope); err != nil {
			return nil, nil, err
		}
		own := []byte(`"key":"sha256:` + filepath.Base(filepath.Dir(path)))
		i := bytes.Index(envelope.Payload, own[:len(`"key":"sha256:`)])
		copy(envelope.Payload[i:], own)
		if key, err = dsse.GenerateKey("mallory", rand.Reader); err != nil {
			return nil, nil, err
		}
		data, err = dsse.Sign(envelope.PayloadType, envelope.Payload, key)
		return data, key, err
	}
	return map[string]func(string, []byte, []byte) error{
		"moved": func(path string, _, other []byte) error { return replace(path, other) },
		"altered": func(path string, entry, _ []byte) error {
			entry[bytes.Index(entry, []byte(`"payload":"`))+40] ^= 1
			return replace(path, entry)
		},
		"forged": func(path string, _, other []byte) error {
			data, _, err := forge(path, other)
			return errors.Join(err, replace(path, data))
		},
		"stranger": func(path string, _, other []byte) error {
			data, key, err := forge(path, other)
			if err != nil {
				return err
			}
			name := filepath.Join(filepath.Dir(path), digest.Of(key.Public()).Hex()[:16])
			return errors.Join(os.Remove(path), os.WriteFile(name, data, 0o444))
		},
	}
}

func plantCommand(ts *testscript.TestScript, args []string) error {
	found, err := filepath.Glob(ts.MkAbs(".mlp/store/index/" + args[1] + "/*/*"))
	if err != nil || len(found) < 2 {
		return fmt.Errorf("the store has %d entries of kind %s (%v)", len(found), args[1], err)
	}
	plant, ok := plantings()[args[0]]
	if !ok {
		return fmt.Errorf("no such planting: %s", args[0])
	}
	entry, err := os.ReadFile(found[0])
	if err != nil {
		return err
	}
	other, err := os.ReadFile(found[1])
	if err != nil {
		return err
	}
	_, name, _ := strings.Cut(found[0], "/store/")
	ts.Setenv("PLANTED", name)
	return plant(found[0], entry, other)
}

func newKeyCommand(ts *testscript.TestScript, args []string) error {
	key, err := dsse.GenerateKey("ci", rand.Reader)
	if err != nil {
		return err
	}
	pem, err := key.PEM()
	ts.Setenv(args[0], string(pem))
	ts.Setenv(args[0]+"_PUBLIC", dsse.FormatPublic(key.Public()))
	return err
}
