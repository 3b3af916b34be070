// What a script gets with `import Datasets`: masks, images and run lengths, and the cells of a notebook.

@_exported public import Imaging
@_exported public import Workbench
