package onnx

import (
	"fmt"
	"slices"

	ort "github.com/yalue/onnxruntime_go"
)

// checkInterface reports how a model's input and output differ from what every
// model here has. The runtime reads them, so what is checked is what runs.
func checkInterface(model []byte, inputs int) error {
	in, out, err := ort.GetInputOutputInfoWithONNXData(model)
	if err != nil {
		return err
	}
	if len(in) != 1 || in[0].Name != inputName {
		return fmt.Errorf("the model's inputs are not the one %q", inputName)
	}
	if err := checkShape(in[0], int64(inputs)); err != nil {
		return err
	}
	i := slices.IndexFunc(out, func(o ort.InputOutputInfo) bool { return o.Name == outputName })
	if i < 0 {
		return fmt.Errorf("the model has no output %q", outputName)
	}
	return checkShape(out[i])
}

// checkShape wants floats [N, wide], or [N] or [N, 1] where wide is not given;
// -1 stands for a dimension of any length.
func checkShape(info ort.InputOutputInfo, wide ...int64) error {
	want := append([]int64{-1}, wide...)
	shape := slices.Clone(info.Dimensions)
	if len(wide) == 0 && len(shape) == 2 && shape[1] == 1 {
		shape = shape[:1]
	}
	if info.OrtValueType != ort.ONNXTypeTensor || info.DataType != ort.TensorElementDataTypeFloat || !slices.Equal(shape, want) {
		return fmt.Errorf("the model's %s is %v of %v, not floats of %v", info.Name, info.Dimensions, info.DataType, want)
	}
	return nil
}
