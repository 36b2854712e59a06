"""The network as ONNX: float32, and int8 by ONNX Runtime's static quantisation (QDQ)."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Old enough for every ONNX Runtime that is measured.
OPSET = 17
IR_VERSION = 8


def float32(layers: list[dict], weights: dict[str, np.ndarray], path: Path) -> None:
    """Input `pixels` float32 [1, 3, height, width], output `probabilities` float32 [1, classes]."""
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []

    def constant(name: str, value: np.ndarray) -> str:
        constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def emit(op: str, inputs: list[str], output: str, **attributes) -> None:
        nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))

    for layer in layers:
        name, kind, inputs = layer["name"], layer["kind"], layer["inputs"]
        if kind == "input":
            height, width, channels = layer["shape"]
        elif kind == "conv":
            # HWIO to OIHW.
            kernel = constant(f"{name}/kernel", weights[f"{name}/kernel"].transpose(3, 2, 0, 1))
            bias = constant(f"{name}/bias", weights[f"{name}/bias"])
            emit(
                "Conv",
                [inputs[0], kernel, bias],
                f"{name}/conv",
                kernel_shape=[layer["size"]] * 2,
                strides=[layer["stride"]] * 2,
                pads=[layer["pad"]] * 4,
            )
            emit("Relu", [f"{name}/conv"], name)
        elif kind == "maxPool":
            emit(
                "MaxPool",
                inputs,
                name,
                kernel_shape=[layer["size"]] * 2,
                strides=[layer["stride"]] * 2,
                pads=[layer["pad"]] * 2 + [pad + layer["pad"] for pad in rounding(layer)],
            )
        elif kind == "lrn":
            attributes = {key: float(layer[key]) for key in ("alpha", "beta", "bias")}
            emit("LRN", inputs, name, size=layer["size"], **attributes)
        elif kind == "concat":
            emit("Concat", inputs, name, axis=1)
        elif kind == "globalAveragePool":
            emit("GlobalAveragePool", inputs, name)
        elif kind == "dropout":
            emit("Flatten", inputs, name, axis=1)  # at inference dropout does nothing
        elif kind == "linear":
            kernel = constant(f"{name}/kernel", weights[f"{name}/kernel"])
            bias = constant(f"{name}/bias", weights[f"{name}/bias"])
            emit("Gemm", [inputs[0], kernel, bias], name)
        elif kind == "softmax":
            emit("Softmax", inputs, "probabilities", axis=1)
            classes = layer["shape"][2]
        else:
            raise ValueError(f"{name} is of the unknown kind {kind}")

    shape = [1, channels, height, width]
    graph = helper.make_graph(
        nodes,
        "googlenet",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, [1, classes])],
        constants,
    )
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def rounding(layer: dict) -> list[int]:
    """Padding below and to the right that makes a max-pool's output size round up."""

    def after(axis: int) -> int:
        read = (layer["shape"][axis] - 1) * layer["stride"] + layer["size"]
        return max(0, read - 2 * layer["pad"] - layer["inputShape"][axis])

    return [after(0), after(1)]


def int8(source: Path, images: np.ndarray, path: Path) -> None:
    """Static quantisation as ONNX Runtime advises for x86: uint8 activations, int8 weights per
    output channel, QDQ format."""
    from onnxruntime.quantization import (
        CalibrationDataReader,
        QuantFormat,
        QuantType,
        quantize_static,
    )

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.images = iter(images.transpose(0, 3, 1, 2))

        def get_next(self):
            image = next(self.images, None)
            return None if image is None else {"input": np.ascontiguousarray(image[None])}

    quantize_static(
        source,
        path,
        Reader(),
        quant_format=QuantFormat.QDQ,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        per_channel=True,
    )
