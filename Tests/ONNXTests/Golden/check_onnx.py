"""Runs exported graphs by onnxruntime beside the results of `predict`, and keeps the digests of those that agree.

WORK_ONNX_CASES=/tmp/cases swift test -c release --filter EnsembleExportTests   # writes the cases; tests may fail
python3 Tests/ONNXTests/Golden/check_onnx.py /tmp/cases                         # needs onnx, onnxruntime, numpy

Maps are kept in 255ths, so that a graph agrees where it is within half a 255th and 1e-4. A graph that takes any size is
fed another one, too, whose results have to be probabilities of that size.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

cases = Path(sys.argv[1])
checked, failed = {}, []
for file in sorted(cases.glob("*.onnx")):
    shape = json.loads(file.with_suffix(".json").read_text())
    onnx.checker.check_model(onnx.load(file), full_check=True)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    n, h, w, c = (shape[key] for key in ("count", "height", "width", "channels"))
    images = np.fromfile(file.with_suffix(".images"), "<f4").reshape(n, h, w, c).transpose(0, 3, 1, 2)
    maps = np.fromfile(file.with_suffix(".maps"), np.uint8).reshape(n, h, w, shape["map_channels"])
    inputs = {"image": images}
    if shape["features"]:
        inputs["features"] = np.fromfile(file.with_suffix(".features"), "<f4").reshape(n, shape["features"])
    found = session.run(None, inputs)[0].transpose(0, 2, 3, 1)
    if session.get_outputs()[0].shape[1] != shape["map_channels"]:
        # Of exclusive classes, predict keeps the likeliest and its probability.
        best = found.argmax(-1)
        agree = (best == maps[..., 0]).mean()
        assert agree > 0.999, f"{file.name}: classes differ in {1 - agree:.1%} of the pixels"
        found, maps = found.max(-1)[..., None], maps[..., 1:]
    difference = np.abs(found - maps / 255).max()
    spread = float(found.std())
    note = ""
    if isinstance(session.get_inputs()[0].shape[2], str):
        other = {name: value[:1] for name, value in inputs.items()}
        other["image"] = np.repeat(np.repeat(images[:1], 2, 2), 3, 3)
        result = session.run(None, other)[0]
        assert result.shape[2:] == (2 * h, 3 * w) and 0 <= result.min() and result.max() <= 1 + 1e-6, (
            f"{file.name}: {result.shape}, {result.min()} to {result.max()}")
        note = "any size"
    print(f"{file.stem:22} within {difference:.5f} of predict, which varies by {spread:.3f}  {note}")
    if difference > 0.5 / 255 + 1e-4:
        failed.append(f"{file.name}: {difference} from predict")
    if spread < 0.02:
        failed.append(f"{file.name}: all pixels are alike, so that nothing was checked")
    checked[file.stem] = hashlib.sha256(file.read_bytes()).hexdigest()
if failed:
    sys.exit("\n".join(failed))
Path(__file__).with_name("checked.json").write_text(json.dumps(checked, indent=2, sort_keys=True) + "\n")
