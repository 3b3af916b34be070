// What a script gets with `import Segmentation`: the names of the networks, the images to train on, and
// the cells of a notebook.

@_exported public import Choices
@_exported public import Datasets
