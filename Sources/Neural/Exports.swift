// Who imports the engine can name its choices.

@_exported public import Choices
