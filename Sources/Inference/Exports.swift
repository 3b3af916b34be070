// What a script gets with `import Inference`: trained models, the choices of test-time augmentation, and
// the images to predict.

@_exported public import Choices
@_exported public import Segmentation
