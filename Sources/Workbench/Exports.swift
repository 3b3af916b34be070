// What a script gets with `import Workbench`: cells and displays, and errors with exit codes.

@_exported public import Basics
@_exported public import Notebook
