// Who imports this module can name the networks.

@_exported public import Choices
