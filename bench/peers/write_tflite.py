"""The network as TFLite: float32, and full-integer int8 by TensorFlow's converter."""

from pathlib import Path

import numpy as np
import tensorflow as tf


def float32(layers: list[dict], weights: dict[str, np.ndarray], path: Path) -> None:
    """Input float32 [1, height, width, 3], output float32 [1, classes]."""
    path.write_bytes(converter(layers, weights).convert())


def int8(
    layers: list[dict], weights: dict[str, np.ndarray], images: np.ndarray, path: Path
) -> None:
    """int8 weights per output channel, int8 activations. Input and output stay float32, which is
    what LiteRT.js takes: a quantise and a dequantise node are the first and the last."""
    convert = converter(layers, weights)
    convert.optimizations = [tf.lite.Optimize.DEFAULT]
    convert.representative_dataset = lambda: ([image[None]] for image in images)
    convert.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    convert.inference_input_type = tf.float32
    convert.inference_output_type = tf.float32
    path.write_bytes(convert.convert())


def converter(layers: list[dict], weights: dict[str, np.ndarray]) -> tf.lite.TFLiteConverter:
    shape = [1, *layers[0]["shape"]]

    module = tf.Module()

    @tf.function(input_signature=[tf.TensorSpec(shape, tf.float32)])
    def network(pixels):
        return forward(layers, weights, pixels)

    functions = [network.get_concrete_function()]
    return tf.lite.TFLiteConverter.from_concrete_functions(functions, module)


def forward(layers: list[dict], weights: dict[str, np.ndarray], pixels: tf.Tensor) -> tf.Tensor:
    values: dict[str, tf.Tensor] = {}
    for layer in layers:
        name, kind = layer["name"], layer["kind"]
        inputs = [values[source] for source in layer["inputs"]]
        if kind == "input":
            value = pixels
        elif kind == "conv":
            value = conv(layer, inputs[0], weights)
        elif kind == "maxPool":
            value = max_pool(layer, inputs[0])
        elif kind == "concat":
            value = tf.concat(inputs, axis=-1)
        elif kind == "globalAveragePool":
            value = tf.reduce_mean(inputs[0], axis=[1, 2])
        elif kind == "dropout":
            value = inputs[0]  # at inference dropout does nothing
        elif kind == "linear":
            value = tf.linalg.matmul(inputs[0], weights[f"{name}/kernel"])
            value = tf.nn.bias_add(value, weights[f"{name}/bias"])
        elif kind == "softmax":
            value = tf.nn.softmax(inputs[0])
        else:
            raise ValueError(f"{name} is of the unknown kind {kind}")
        values[name] = value
    return value


def conv(layer: dict, x: tf.Tensor, weights: dict[str, np.ndarray]) -> tf.Tensor:
    kernel, bias = weights[f"{layer['name']}/kernel"], weights[f"{layer['name']}/bias"]
    pad, stride = layer["pad"], layer["stride"]
    same = stride == 1 and layer["size"] == 2 * pad + 1
    # TFLite pads as TensorFlow does ("SAME"). A padding of 3 on each side at stride 2 (conv1) is
    # no such padding and takes a PAD node of its own.
    if not same and pad > 0:
        x = tf.pad(x, [[0, 0], [pad, pad], [pad, pad], [0, 0]])
    x = tf.nn.conv2d(x, kernel, stride, "SAME" if same else "VALID")
    return tf.nn.relu(tf.nn.bias_add(x, bias))


def max_pool(layer: dict, x: tf.Tensor) -> tf.Tensor:
    """Every max-pool of the network is a "SAME" one: rounding up pads below and to the right."""
    same = [-(-side // layer["stride"]) for side in layer["inputShape"][:2]]
    if same != layer["shape"][:2]:
        raise ValueError(f"{layer['name']} cannot be expressed with SAME padding")
    return tf.nn.max_pool2d(x, layer["size"], layer["stride"], "SAME")
