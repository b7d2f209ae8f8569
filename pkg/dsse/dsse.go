// Package dsse signs and verifies envelopes of the Dead Simple Signing
// Envelope protocol, version 1 (https://github.com/secure-systems-lab/dsse),
// with ed25519 keys (RFC 8032), and reads and writes such keys.
package dsse

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
)

const (
	// InToto is the payload type of in-toto statements in JSON.
	InToto = "application/vnd.in-toto+json"
	// MaxEnvelope is the largest envelope that is read or made, in bytes.
	MaxEnvelope = 32 << 20
	// MaxSignatures is the largest number of signatures on an envelope.
	MaxSignatures = 16
)

// Signer signs with a key that it holds. Sign returns the 64 bytes of an
// ed25519 signature of data.
type Signer interface {
	Name() string
	Public() ed25519.PublicKey
	Sign(data []byte) []byte
}

// Key is a public key under the name that people use.
type Key struct {
	Name   string
	Public ed25519.PublicKey
}

// Verified is an envelope whose signature holds.
type Verified struct {
	// Payload is the bytes that were signed.
	Payload []byte
	// Signers are the names of the trusted keys that signed it, in the order
	// in which they were handed in. A key counts once, whatever number of
	// signatures or names it has, so their number may be held against a
	// threshold.
	Signers []string
}

// Error says why an envelope is refused.
type Error struct{ Reason string }

// Error returns the reason.
func (e *Error) Error() string { return "envelope: " + e.Reason }

func refuse(format string, args ...any) error {
	return &Error{Reason: fmt.Sprintf(format, args...)}
}

// PAE returns the bytes that are signed in place of a payload: the
// pre-authentication encoding of its type and itself.
func PAE(payloadType string, payload []byte) []byte {
	b := make([]byte, 0, len(payloadType)+len(payload)+48)
	b = append(b, "DSSEv1 "...)
	b = strconv.AppendInt(b, int64(len(payloadType)), 10)
	b = append(b, ' ')
	b = append(b, payloadType...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(len(payload)), 10)
	b = append(b, ' ')
	return append(b, payload...)
}

// signature is one of an envelope's. The key's id is a hint for people and
// decides nothing.
type signature struct {
	KeyID string  `json:"keyid"`
	Sig   *string `json:"sig"`
}

type sealed struct {
	PayloadType string      `json:"payloadType"`
	Payload     string      `json:"payload"`
	Signatures  []signature `json:"signatures"`
}

// opened is what is read of an envelope. Fields that are missing are nil.
// Decoding into an array drops what exceeds it, so a text with millions of
// signatures takes no memory for them.
type opened struct {
	PayloadType *string                       `json:"payloadType"`
	Payload     *string                       `json:"payload"`
	Signatures  *[MaxSignatures + 1]signature `json:"signatures"`
}

// Sign returns an envelope, in JSON, around a payload, signed by each signer.
// The same keys and payload give the same bytes.
func Sign(payloadType string, payload []byte, signers ...Signer) ([]byte, error) {
	if payloadType == "" || len(signers) == 0 || len(signers) > MaxSignatures {
		return nil, fmt.Errorf("sign: want a payload type and 1 to %d signers", MaxSignatures)
	}
	pae := PAE(payloadType, payload)
	e := sealed{PayloadType: payloadType, Payload: base64.StdEncoding.EncodeToString(payload)}
	for _, s := range signers {
		sig, public := s.Sign(pae), s.Public()
		if len(public) != ed25519.PublicKeySize || !ed25519.Verify(public, pae, sig) {
			return nil, fmt.Errorf("sign with key %q: its signature does not verify", s.Name())
		}
		text := base64.StdEncoding.EncodeToString(sig)
		e.Signatures = append(e.Signatures, signature{KeyID: s.Name(), Sig: &text})
	}
	text, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	if len(text) > MaxEnvelope {
		return nil, fmt.Errorf("sign: the envelope has %d bytes, more than %d", len(text), MaxEnvelope)
	}
	return text, nil
}

// Verify returns the payload of an envelope if it is of the payload type and
// at least one trusted key signed it; else a [*Error]. A payload that does
// not verify is never returned, so nobody can parse it.
func Verify(envelope []byte, payloadType string, trusted []Key) (Verified, error) {
	payload, signatures, err := open(envelope, payloadType)
	if err != nil {
		return Verified{}, err
	}
	pae := PAE(payloadType, payload)
	var signers []string
	for i, key := range trusted {
		if len(key.Public) != ed25519.PublicKeySize {
			return Verified{}, refuse("trusted key %q is not an ed25519 key", key.Name)
		}
		if !repeated(trusted[:i], key) && signed(key.Public, pae, signatures) {
			signers = append(signers, key.Name)
		}
	}
	if len(signers) == 0 {
		return Verified{}, refuse("not signed by a trusted key")
	}
	return Verified{Payload: payload, Signers: signers}, nil
}

// Unverified returns the payload of an envelope without looking at its
// signatures: for an envelope that was verified before and kept where its
// reader trusts it.
func Unverified(envelope []byte, payloadType string) ([]byte, error) {
	payload, _, err := open(envelope, payloadType)
	return payload, err
}

// Claims returns the ids of the keys that an envelope says it is signed with,
// in its order, cut short: for people, who want to know where it may come from.
// Nothing of it is verified.
func Claims(envelope []byte) []string {
	var e opened
	if len(envelope) > MaxEnvelope || json.Unmarshal(envelope, &e) != nil || e.Signatures == nil {
		return nil
	}
	var out []string
	for _, s := range e.Signatures {
		if s.KeyID != "" {
			out = append(out, fmt.Sprintf("%.100s", s.KeyID))
		}
	}
	return out
}

func open(envelope []byte, payloadType string) (payload []byte, signatures [][]byte, err error) {
	if len(envelope) > MaxEnvelope {
		return nil, nil, refuse("has %d bytes, more than %d", len(envelope), MaxEnvelope)
	}
	var e opened
	if err := json.Unmarshal(envelope, &e); err != nil {
		return nil, nil, refuse("is not an envelope in JSON")
	}
	if e.Payload == nil || e.PayloadType == nil || e.Signatures == nil {
		return nil, nil, refuse("lacks payload, payloadType or signatures")
	}
	if payloadType == "" || *e.PayloadType != payloadType {
		return nil, nil, refuse("has the payload type %.100q, want %q", *e.PayloadType, payloadType)
	}
	if e.Signatures[MaxSignatures] != (signature{}) {
		return nil, nil, refuse("has more than %d signatures", MaxSignatures)
	}
	if payload, err = decode(*e.Payload); err != nil {
		return nil, nil, refuse("payload is not base64")
	}
	for _, s := range e.Signatures {
		if s.Sig == nil {
			continue
		}
		sig, err := decode(*s.Sig)
		if err != nil {
			return nil, nil, refuse("signature is not base64")
		}
		signatures = append(signatures, sig)
	}
	return payload, signatures, nil
}

// decode reads standard or URL-safe base64: signers may use either.
func decode(text string) ([]byte, error) {
	if b, err := base64.StdEncoding.DecodeString(text); err == nil {
		return b, nil
	}
	return base64.URLEncoding.DecodeString(text)
}

func repeated(keys []Key, key Key) bool {
	for _, k := range keys {
		if bytes.Equal(k.Public, key.Public) {
			return true
		}
	}
	return false
}

func signed(key ed25519.PublicKey, pae []byte, signatures [][]byte) bool {
	for _, sig := range signatures {
		if ed25519.Verify(key, pae, sig) {
			return true
		}
	}
	return false
}
