// swift-tools-version: 6.1
// Fuzzing every decoder of bytes from outside, with libFuzzer and the address sanitizer: `make fuzz`. A package of its
// own, so that nobody's build or manifest knows of it. Scripts/fuzz.sh builds it with the flags that it needs.

import PackageDescription

let package = Package(
  name: "Fuzz",
  dependencies: [.package(name: "work", path: "..")],
  targets: [
    .executableTarget(
      name: "Fuzz", dependencies: [.product(name: "Decoders", package: "work")],
      swiftSettings: [
        .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ],
      // gold stumbles over what clang writes for the debugger.
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])])
  ]
)
