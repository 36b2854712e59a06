"""Writes one network as the files that the peers read: ONNX and TFLite, float32 and int8.

    python make_models.py FOLDER

FOLDER holds what the bench wrote: `network.json` (the layers of googlenet(), in reading order),
`weights.safetensors` (`<layer>/kernel` HWIO or [in, out], `<layer>/bias`) and
`calibration.safetensors` (`images`, float32 [n, height, width, 3], normalised). The four files
are written beside them, so every engine runs the same network with the same weights.
"""

import json
import sys
from pathlib import Path

from safetensors.numpy import load_file

import write_onnx
import write_tflite


def main(folder: Path) -> None:
    layers = json.loads((folder / "network.json").read_text())["layers"]
    weights = load_file(folder / "weights.safetensors")
    images = load_file(folder / "calibration.safetensors")["images"]

    write_onnx.float32(layers, weights, folder / "float32.onnx")
    write_onnx.int8(folder / "float32.onnx", images, folder / "int8.onnx")
    if any(layer["kind"] == "lrn" for layer in layers):
        print("XNNPACK has no LRN: no .tflite files of this network.")
        return
    write_tflite.float32(layers, weights, folder / "float32.tflite")
    write_tflite.int8(layers, weights, images, folder / "int8.tflite")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
