package dsse

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	pemType      = "PRIVATE KEY"
	publicPrefix = "ed25519:"
	maxKeyFile   = 16 << 10
)

// PrivateKey is an ed25519 key that signs. It is a [Signer]. Printing one
// shows its name only.
type PrivateKey struct {
	name string
	key  ed25519.PrivateKey
}

// GenerateKey makes a key of 32 bytes of random, which outside of tests is
// [crypto/rand.Reader].
func GenerateKey(name string, random io.Reader) (*PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return nil, fmt.Errorf("generate key %q: %w", name, err)
	}
	return &PrivateKey{name: name, key: ed25519.NewKeyFromSeed(seed)}, nil
}

// ParsePrivateKey reads a key from its file's text: one PEM block "PRIVATE
// KEY" that holds PKCS #8 (RFC 8410). Its errors carry nothing of the text.
func ParsePrivateKey(name string, text []byte) (*PrivateKey, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != pemType || len(bytes.TrimSpace(rest)) != 0 {
		return nil, fmt.Errorf("parse key %q: want one PEM block %q", name, pemType)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("parse key %q: not PKCS #8", name)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("parse key %q: not an ed25519 key", name)
	}
	return &PrivateKey{name: name, key: key}, nil
}

// ReadPrivateKey reads a key from a file. A file that others than its owner
// may read or write is refused with a [*ModeError].
func ReadPrivateKey(name, path string) (*PrivateKey, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read key %q: %w", name, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("read key %q: %w", name, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, &ModeError{Path: path, Mode: info.Mode().Perm()}
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("read key %q: %w", name, err)
	}
	return ParsePrivateKey(name, text)
}

// ModeError says that others than its owner may use the file of a private key.
type ModeError struct {
	Path string
	Mode fs.FileMode
}

// Error names the file and its mode.
func (e *ModeError) Error() string {
	return fmt.Sprintf("private key %s: mode is %04o, so others than its owner may use it", e.Path, e.Mode)
}

// Hint returns the remedy.
func (e *ModeError) Hint() string { return "chmod 600 " + e.Path }

// Name returns the name that people use for the key.
func (k *PrivateKey) Name() string { return k.name }

// Public returns the public half.
func (k *PrivateKey) Public() ed25519.PublicKey { return k.key.Public().(ed25519.PublicKey) }

// Sign returns the signature of data.
func (k *PrivateKey) Sign(data []byte) []byte { return ed25519.Sign(k.key, data) }

// Key returns the public half with its name.
func (k *PrivateKey) Key() Key { return Key{Name: k.name, Public: k.Public()} }

// String returns the name, so that no format verb shows the key itself.
func (k *PrivateKey) String() string { return "private key " + k.name }

// GoString returns what String does.
func (k *PrivateKey) GoString() string { return k.String() }

// PEM returns the text that [ParsePrivateKey] reads.
func (k *PrivateKey) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.key)
	if err != nil {
		return nil, fmt.Errorf("encode key %q: %w", k.name, err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}), nil
}

// WriteFile writes the key to a new file that only its owner may use. An
// existing file is never replaced: the error matches fs.ErrExist. Whatever
// interrupts it, the file is whole or not there.
func (k *PrivateKey) WriteFile(path string) error {
	text, err := k.PEM()
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write key %q: %w", k.name, err)
	}
	_, err = temp.Write(text)
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Link(temp.Name(), path)
	}
	if err := errors.Join(err, os.Remove(temp.Name())); err != nil {
		return fmt.Errorf("write key %q: %w", k.name, err)
	}
	return nil
}

// FormatPublic returns the text form of a public key: "ed25519:" and the
// base64 form of its 32 bytes.
func FormatPublic(key ed25519.PublicKey) string {
	return publicPrefix + base64.StdEncoding.EncodeToString(key)
}

// ParsePublic reads the form of [FormatPublic], and that form only: one key
// has one text.
func ParsePublic(text string) (ed25519.PublicKey, error) {
	data, ok := strings.CutPrefix(text, publicPrefix)
	key, err := base64.StdEncoding.DecodeString(data)
	if !ok || err != nil || len(key) != ed25519.PublicKeySize || FormatPublic(key) != text {
		return nil, fmt.Errorf("public key %.100q: want %q and 32 bytes in base64", text, publicPrefix)
	}
	return key, nil
}
