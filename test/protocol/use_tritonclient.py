"""Uses tritonclient.http against a tier, and prints the results as JSON."""

import json
import sys

import numpy as np
import tritonclient.http as http
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

address, model, version, jpeg = sys.argv[1:]
client = http.InferenceServerClient(address, concurrency=4)

pixels = (np.arange(2 * 64 * 64 * 3) % 251).astype(np.uint8).reshape(2, 64, 64, 3)
image = http.InferInput("image", pixels.shape, np_to_triton_dtype(pixels.dtype))


def infer(data, wanted, binary=True, **options):
    data(binary)
    return client.infer(model, [image], outputs=wanted, **options)


def output(name, **options):
    return http.InferRequestedOutput(name, **options)


def binary_pixels(binary):
    image.set_data_from_numpy(pixels, binary_data=binary)


in_binary = infer(binary_pixels, [output("probabilities"), output("embedding")], request_id="7")
in_json = infer(binary_pixels, [output("probabilities", binary_data=False)], binary=False)
everything = infer(binary_pixels, None)
packed = infer(
    binary_pixels,
    [output("probabilities")],
    request_compression_algorithm="gzip",
    response_compression_algorithm="gzip",
    priority=2,
    timeout=60_000_000,
    model_version=version,
)
classes = infer(binary_pixels, [output("probabilities", class_count=2)])

encoded = http.InferInput("encoded", [1], "BYTES")
with open(jpeg, "rb") as file:
    encoded.set_data_from_numpy(np.array([file.read()], dtype=np.object_))
photo = client.infer(model, [encoded], outputs=[output("probabilities", class_count=1)])

pending = [client.async_infer(model, [image], outputs=[output("logits")]) for _ in range(8)]
many = [request.get_result().as_numpy("logits").tolist() for request in pending]

try:
    client.infer("nothing", [image])
    refusal = None
except InferenceServerException as error:
    refusal = [error.status(), error.message()]

client.unload_model(model)
unloaded = client.is_model_ready(model)
index = client.get_model_repository_index()
client.load_model(model)

print(
    json.dumps(
        {
            "live": client.is_server_live(),
            "ready": client.is_server_ready(),
            "modelReady": client.is_model_ready(model, version),
            "server": client.get_server_metadata(),
            "model": client.get_model_metadata(model),
            "binary": in_binary.as_numpy("probabilities").tolist(),
            "embedding": list(in_binary.as_numpy("embedding").shape),
            "id": in_binary.get_response()["id"],
            "json": in_json.as_numpy("probabilities").tolist(),
            "names": [each["name"] for each in everything.get_response()["outputs"]],
            "packed": packed.as_numpy("probabilities").tolist(),
            "classes": [[s.decode() for s in row] for row in classes.as_numpy("probabilities")],
            "photo": photo.as_numpy("probabilities")[0][0].decode(),
            "many": many,
            "refusal": refusal,
            "unloaded": unloaded,
            "index": index,
        }
    )
)
