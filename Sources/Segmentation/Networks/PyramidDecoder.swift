// The decoder of a feature pyramid network, `model.decoder: fpn`.

import Neural

extension UNetDecoder {
  /// Channels of every size of the pyramid, and of what is added up for the head.
  static let pyramidChannels = (all: 64, head: 32)

  /// A feature pyramid (Lin and others, 2017) for segmentation (Kirillov and others, 2019): the encoder's images are
  /// projected to as many channels each, and added up from the smallest on. Each is convolved 3 x 3 with batch norm
  /// and ReLU, enlarged bilinearly to the largest of them, which has half of the image's sides, and the sum is convolved once more. The
  /// logits are enlarged bilinearly. It has a fifth of the U-Net's multiplications: the papers' 256 and 128 channels would
  /// cost more than the U-Net, and their head reads a quarter of the image's sides, which blurs the borders of small
  /// images.
  func pyramid(
    _ x: Network.Node, skips: [EncoderImage], sizes: [Shape], in net: inout Network
  ) -> Network.Node {
    let (channels, wide) = Self.pyramidChannels
    let largest = sizes[skips.count]
    var sum: Network.Node?
    var level = x
    for (step, image) in ([x] + skips.reversed().map(\.node)).enumerated() {
      let stride = skips.count - step + 1
      let own = net.convolution(
        image, filters: channels, kernel: 1, bias: true, name: "decoder.p\(stride).skip_conv")
      level =
        step == 0
        ? own : net.add(own, enlarged(level, from: sizes[step - 1], to: sizes[step], in: &net))
      let name = "decoder.seg_blocks.\(step)"
      var part = net.convolution(level, filters: wide, name: "\(name).conv")
      part = net.relu(net.batchNorm(part, name: "\(name).norm"))
      let factor = 1 << (skips.count - step)
      if factor > 1 {
        part = cropped(
          net.upsample(part, factor, .bilinear), from: sizes[step].enlarged(factor), to: largest,
          in: &net)
      }
      sum = sum.map { net.add($0, part) } ?? part
    }
    guard let sum else { return x }
    let logits = net.convolution(
      dropped(sum, in: &net), filters: outputs, bias: true, name: "segmentation_head.0")
    return cropped(
      net.upsample(logits, 2, .bilinear), from: largest.enlarged(2), to: sizes[skips.count + 1],
      in: &net)
  }
}
