// Slopes by central differences: the oracle of every loss's gradient.

/// The slope of a value at some of the numbers that it is a function of.
func differences(at places: [Int], of numbers: [Double], _ value: ([Double]) -> Double) -> [Float] {
  var numbers = numbers
  return places.map { place in
    let at = numbers[place]
    numbers[place] = at + 1e-6
    let above = value(numbers)
    numbers[place] = at - 1e-6
    let below = value(numbers)
    numbers[place] = at
    return Float((above - below) / 2e-6)
  }
}
