// Who imports the engine can name its choices, and tensors.

@_exported public import Choices
@_exported public import Weights
