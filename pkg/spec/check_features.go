package spec

import (
	"cmp"

	"github.com/mlpdev/mlp/pkg/specpb"
)

// MaxLength is the most elements of a vector.
const MaxLength = 4096

func checkFeatureSet(c *checker, f *specpb.FeatureSet) {
	c.name(f, plainName)
	c.require(f, "from", "features")
	scope := names{}
	for _, col := range f.GetColumns() {
		c.name(col, plainName)
		c.unique(scope, col.GetName(), c.doc.Field(col, "name"))
		c.require(col, "definition")
	}
	for _, feature := range f.GetFeatures() {
		c.name(feature, plainName)
		c.unique(scope, feature.GetName(), c.doc.Field(feature, "name"))
		c.require(feature, "data_type", "definition")
		c.length(feature)
	}
	c.joins(f)
	c.notBlank(f, "key", f.GetKey())
	c.uniqueTexts(f, "key", f.GetKey())
	if f.GetLookback() != "" && f.GetWindow() == nil && !c.partial {
		c.errorf(f, "lookback", "bad-lookback", "there is no window to look back from").
			Hintf("window functions need a key and a window")
	}
	if w := f.GetWindow(); w != nil {
		c.window(w)
		if len(f.GetKey()) == 0 && !c.partial {
			c.list.Errorf(c.doc.MessageSpan(w), "missing-field", "a window needs a key").
				Hintf("name what rows are grouped by: key: \"src\"")
		}
	}
	c.featureExamples(f)
}

// window checks that a window has a size, or is a session.
func (c *checker) window(w *specpb.Window) {
	switch {
	case w.GetSessionGap() == "" && w.GetMaxLength() == "":
		c.require(w, "time", "size")
	case w.GetSize() != "":
		c.errorf(w, "size", "bad-window", "a window has a size, or it is a session").
			Hintf("leave out size, or session_gap and max_length")
	default:
		c.require(w, "time", "session_gap", "max_length")
	}
}

// length checks the number of elements of a vector.
func (c *checker) length(f *specpb.Feature) {
	switch n := f.GetLength(); {
	case n < 0 || n > MaxLength:
		c.errorf(f, "length", "out-of-range", "a vector has 1 to %d elements, not %d", MaxLength, n)
	case n > 0:
		switch f.GetDataType() {
		case specpb.DataType_STRING, specpb.DataType_DATE, specpb.DataType_TIMESTAMP:
			c.errorf(f, "data_type", "bad-vector", "the elements of a vector are numbers or truth values, not %s", f.GetDataType()).
				Notef(c.doc.Field(f, "length"), "length makes it a vector")
		}
	}
}

// joins checks the joins of a feature set: each has a name of its own.
func (c *checker) joins(f *specpb.FeatureSet) {
	scope := names{}
	for _, j := range f.GetJoins() {
		c.require(j, "list", "on")
		c.nameOr(j, "name", j.GetName(), plainName)
		at := c.doc.Field(j, "list")
		if j.GetName() != "" {
			at = c.doc.Field(j, "name")
		}
		c.unique(scope, cmp.Or(j.GetName(), j.GetList()), at)
	}
}
