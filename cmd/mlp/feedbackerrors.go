package main

import (
	"fmt"
	"strings"

	"github.com/mlpdev/mlp/pkg/alert"
)

// needsLogError says that an alert does not carry all records of its row.
type needsLogError struct{ alert alert.Alert }

func (e *needsLogError) Error() string {
	return fmt.Sprintf("alert %s carries %d of the %d records of its row", e.alert.Short(), len(e.alert.Records), e.alert.RecordCount)
}

func (e *needsLogError) Hint() string {
	return "name the logs that were scored, in order: --log FILE"
}

// unknownModelError says that the project has no model of an alert.
type unknownModelError struct {
	unknownError
	alert alert.Alert
}

func (e *unknownModelError) Error() string {
	return fmt.Sprintf("alert %s: %s", e.alert.Short(), e.unknownError.Error())
}

func (e *unknownModelError) Hint() string {
	return e.unknownError.Hint() + "; --model names the one that the verdict is for"
}

// verdictRefusedError says which verdicts were refused.
type verdictRefusedError struct {
	repeats, contradicts []*pending
}

func (e *verdictRefusedError) Error() string {
	var parts []string
	if n := len(e.contradicts); n > 0 {
		parts = append(parts, fmt.Sprintf("the verdict on %s contradicts labels of the dataset", alertList(e.contradicts)))
	}
	if n := len(e.repeats); n > 0 {
		parts = append(parts, fmt.Sprintf("the verdict on %s says nothing new: the dataset has these records with this label", alertList(e.repeats)))
	}
	return strings.Join(parts, "; ")
}

func (e *verdictRefusedError) Hint() string {
	if len(e.contradicts) > 0 {
		return "nothing was added; correct the label that is wrong, or insist with --confirm: then both are trained on"
	}
	return "nothing was added; a record that counts twice would weigh twice"
}

func alertList(claims []*pending) string {
	ids := names(claims, func(c *pending) string { return c.Alert.Short() })
	if len(ids) == 1 {
		return "alert " + ids[0]
	}
	return "alerts " + strings.Join(ids, ", ")
}
