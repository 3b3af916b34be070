# Makes the files of torch.save that TorchFileTests reads, in both forms, and prints their values.
#
#   python3 make.py      (written with PyTorch 2.13)
#
# The module state dictionary has the attribute _metadata, as every real one has; `strided` is a transposed
# view, `part` lies inside the storage of `whole`, and `weight` is a Parameter.

import collections
import torch

whole = torch.arange(12, dtype=torch.float32).reshape(3, 4) / 4
state = collections.OrderedDict()
state["weight"] = torch.nn.Parameter(torch.tensor([[1.5, -2.0, 0.25], [3.0, 1e-3, -7.0]]))
state["strided"] = torch.arange(6, dtype=torch.float32).reshape(2, 3).t()
state["whole"] = whole
state["part"] = whole[1:, 1:3]
state["half"] = torch.tensor([0.5, -1.0, 65504.0, 6e-8], dtype=torch.float16)
state["brain"] = torch.tensor([1.0, -3.140625, 1e30], dtype=torch.bfloat16)
state["scalar"] = torch.tensor(2.5)
state["empty"] = torch.zeros(0, 4)
state["norm.num_batches_tracked"] = torch.tensor(-12345678901)
state._metadata = collections.OrderedDict([("", {"version": 1}), ("norm", {"version": 2})])

torch.save(state, "zip.pth")
torch.save(state, "legacy.pth", _use_new_zipfile_serialization=False)
torch.save({"epoch": 3, "weight": whole}, "epoch.pth")
torch.save({"weight": torch.zeros(2, dtype=torch.float64)}, "double.pth")
for name, tensor in state.items():
    print(name, list(tensor.shape), tensor.detach().double().flatten().tolist())
