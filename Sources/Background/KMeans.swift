import Kernels

/// Lloyd's k-means from a k-means++ start (Arthur & Vassilvitskii 2007): where EM begins.
enum KMeans {
  /// The cluster of each sample of [N, D], 0..<clusters.
  static func cluster(
    _ data: [Double], dimensions d: Int, clusters: Int, iterations: Int = 50, random: inout RandomSource
  ) -> [Int] {
    let samples = data.count / d
    precondition(samples * d == data.count && clusters > 0 && samples >= clusters, "too few samples")
    var centres = spread(data, d, clusters, &random)
    var nearest = Array(repeating: -1, count: samples)
    for _ in 0..<iterations {
      let assigned = (0..<samples).map { n in
        (0..<clusters).min { distance(data, n, centres, $0, d) < distance(data, n, centres, $1, d) }!
      }
      if assigned == nearest { break }
      nearest = assigned
      centres = middles(data, nearest, centres, d)
    }
    return nearest
  }

  /// Each next centre is a sample drawn with probability proportional to its squared distance to the centres so far.
  private static func spread(_ data: [Double], _ d: Int, _ clusters: Int, _ random: inout RandomSource) -> [Double] {
    let samples = data.count / d
    let first = Int.random(in: 0..<samples, using: &random)
    var centres = Array(data[first * d..<(first + 1) * d])
    var distances = (0..<samples).map { distance(data, $0, centres, 0, d) }
    for k in 1..<max(clusters, 1) {
      var left = Double.random(in: 0..<1, using: &random) * distances.reduce(0, +)
      let chosen = distances.firstIndex { value in
        left -= value
        return left < 0
      }
      let sample = chosen ?? samples - 1
      centres += data[sample * d..<(sample + 1) * d]
      for n in 0..<samples { distances[n] = min(distances[n], distance(data, n, centres, k, d)) }
    }
    return centres
  }

  /// The means of the clusters; an empty one keeps its centre.
  private static func middles(_ data: [Double], _ nearest: [Int], _ centres: [Double], _ d: Int) -> [Double] {
    var sums = Array(repeating: 0.0, count: centres.count)
    var counts = Array(repeating: 0, count: centres.count / d)
    for (n, k) in nearest.enumerated() {
      counts[k] += 1
      for i in 0..<d { sums[k * d + i] += data[n * d + i] }
    }
    return sums.indices.map { counts[$0 / d] == 0 ? centres[$0] : sums[$0] / Double(counts[$0 / d]) }
  }

  private static func distance(_ data: [Double], _ n: Int, _ centres: [Double], _ k: Int, _ d: Int) -> Double {
    var sum = 0.0
    for i in 0..<d {
      let difference = data[n * d + i] - centres[k * d + i]
      sum += difference * difference
    }
    return sum
  }
}
