"""Uses kserve.InferenceRESTClient against a tier, and prints the results as JSON.

A key as the last argument is sent in a header, as users of KServe send tokens.
"""

import asyncio
import json
import sys

import httpx
import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig
from kserve.protocol.infer_type import RequestedOutput

url, model, jpeg, *key = sys.argv[1:]
headers = {"Authorization": f"Bearer {key[0]}"} if key else {}
pixels = (np.arange(2 * 64 * 64 * 3) % 251).astype(np.uint8).reshape(2, 64, 64, 3)


def image(binary):
    tensor = InferInput("image", list(pixels.shape), "UINT8")
    tensor.set_data_from_numpy(pixels, binary_data=binary)
    return tensor


def rows(response, name="probabilities"):
    outputs = {each.name: each for each in response.outputs}
    return outputs[name].as_numpy().reshape(2, -1).tolist()


async def main():
    client = InferenceRESTClient(RESTConfig(protocol="v2"))

    async def infer(request):
        return await client.infer(url, request, model_name=model, headers=dict(headers))

    in_binary = await infer(InferRequest(model, [image(True)], request_id="7"))
    in_json = await infer(InferRequest(model, [image(False)]))
    wanted = [RequestedOutput("probabilities")]
    some = await infer(InferRequest(model, [image(True)], request_outputs=wanted))
    with open(jpeg, "rb") as file:
        encoded = InferInput("encoded", [1], "BYTES")
        encoded.set_data_from_numpy(np.array([file.read()], dtype=np.object_), binary_data=True)
    photo = await infer(InferRequest(model, [encoded], request_outputs=wanted))
    try:
        await client.infer(url, InferRequest("nothing", [image(True)]), model_name="nothing", headers=dict(headers))
        refusal = None
    except httpx.HTTPStatusError as error:
        refusal = error.response.status_code
    print(
        json.dumps(
            {
                "live": await client.is_server_live(url),
                "ready": await client.is_server_ready(url),
                "modelReady": await client.is_model_ready(url, model),
                "id": in_binary.id,
                "binary": rows(in_binary),
                "json": rows(in_json),
                "names": [each.name for each in in_json.outputs],
                "some": [each.name for each in some.outputs],
                "photo": len(photo.outputs[0].data),
                "refusal": refusal,
            }
        )
    )


asyncio.run(main())
