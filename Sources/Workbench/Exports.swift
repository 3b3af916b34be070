// What a script gets with `import Workbench`: cells and displays, tables, errors with exit codes, and
// Foundation.

@_exported public import Basics
@_exported public import Foundation
@_exported public import Notebook
