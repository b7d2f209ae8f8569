package duckdb_test

import (
	"context"
	stdsql "database/sql"
	"database/sql/driver"
	"slices"
	"testing"

	duckdb "github.com/duckdb/duckdb-go/v2"

	"github.com/mlpdev/mlp/pkg/native"
)

// bareNative is a function of package native for DuckDB as it comes, which
// knows nothing of the engine.
type bareNative struct{ f native.Function }

func (b bareNative) Config() duckdb.ScalarFuncConfig {
	config := duckdb.ScalarFuncConfig{ResultTypeInfo: bareType(b.f.Result), SpecialNullHandling: b.f.Nulls}
	for _, kind := range b.f.Params {
		config.InputTypeInfos = append(config.InputTypeInfos, bareType(kind))
	}
	return config
}

func (b bareNative) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(values []driver.Value) (any, error) {
		in := make([]native.Value, len(values))
		for i, v := range values {
			in[i] = bareValue(v)
		}
		var out native.Value
		b.f.Call(in, &out)
		switch {
		case out.Null:
			return nil, nil
		case b.f.Result == native.Text:
			return string(out.Bytes), nil
		case b.f.Result == native.Bytes:
			return append([]byte{}, out.Bytes...), nil
		case b.f.Result == native.Int:
			return int32(out.Int), nil
		case b.f.Result == native.Double:
			return out.Float, nil
		case b.f.Result == native.Bool:
			return out.Int != 0, nil
		}
		return out.Int, nil
	}}
}

func bareValue(v driver.Value) native.Value {
	switch x := v.(type) {
	case string:
		return native.Value{Bytes: []byte(x)}
	case []byte:
		return native.Value{Bytes: x}
	case int32:
		return native.Value{Int: int64(x)}
	case int64:
		return native.Value{Int: x}
	case float64:
		return native.Value{Float: x}
	case bool:
		if x {
			return native.Value{Int: 1}
		}
		return native.Value{}
	}
	return native.Value{Null: true}
}

func bareType(k native.Kind) duckdb.TypeInfo {
	info, err := duckdb.NewTypeInfo(map[native.Kind]duckdb.Type{native.Text: duckdb.TYPE_VARCHAR, native.Bytes: duckdb.TYPE_BLOB, native.Int: duckdb.TYPE_INTEGER,
		native.Long: duckdb.TYPE_BIGINT, native.Double: duckdb.TYPE_DOUBLE, native.Bool: duckdb.TYPE_BOOLEAN}[k])
	if err != nil {
		panic(err)
	}
	return info
}

// registerBare makes the functions of package native known to a database.
func registerBare(t *testing.T, db *stdsql.DB) {
	t.Helper()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, f := range native.Functions() {
		var set []duckdb.ScalarFunc
		for _, raw := range []native.Kind{native.Text, native.Bytes} {
			variant := f
			variant.Params = slices.Clone(f.Params)
			for i, kind := range f.Params {
				if kind == native.Raw {
					variant.Params[i] = raw
				}
			}
			if raw == native.Text || slices.Contains(f.Params, native.Raw) {
				set = append(set, bareNative{variant})
			}
		}
		if err := duckdb.RegisterScalarUDFSet(conn, f.Name, set...); err != nil {
			t.Fatal(err)
		}
	}
}
