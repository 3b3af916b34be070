// Who imports this module can name the choices of test-time augmentation.

@_exported public import Choices
