"""What the scripts beside this one share: numbers that the tests can repeat, and a file of results."""

import json
import pathlib
import struct

import torch

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)


class Generator:
    """Multiples of 2^-23 in -1..<1, exact in float32."""

    def __init__(self, seed):
        self.state = seed

    def tensor(self, shape, scale):
        count = 1
        for length in shape:
            count *= length
        values = []
        for _ in range(count):
            self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
            values.append(((self.state >> 40) / 2**23 - 1) * scale)
        return torch.tensor(values, dtype=torch.float32).reshape(shape)


def write(name, results):
    """Tensors by name, as name.safetensors beside this file."""
    header, body = {}, b""
    for key, value in results.items():
        raw = value.contiguous().numpy().astype("<f4").tobytes()
        header[key] = {"dtype": "F32", "shape": list(value.shape),
                       "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path = pathlib.Path(__file__).with_name(f"{name}.safetensors")
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)
    print(path.name, path.stat().st_size, "bytes")
