import Foundation

/// 1 / (1 + e⁻ᶻ) of one value; whole rows go through `nem_activation_forward`.
package func sigmoid(_ z: Float) -> Float { 1 / (1 + exp(-z)) }
