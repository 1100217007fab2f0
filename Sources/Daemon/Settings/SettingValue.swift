import Masks

/// The value of a setting, whatever it was written in; manifests record settings in the same form. Times are whole
/// seconds, sizes whole bytes.
package typealias SettingValue = Manifest.Setting

/// A type that a setting can have in `Settings`.
package protocol SettingRepresentable: Sendable {
  /// The value for nil, where nil means "not set", and for any value that the setting's kind lets pass.
  init?(setting: SettingValue?)
  /// Nil where nothing is set.
  var setting: SettingValue? { get }
}

extension String: SettingRepresentable {
  package init?(setting: SettingValue?) {
    guard case .text(let text) = setting else { return nil }
    self = text
  }
  package var setting: SettingValue? { .text(self) }
}

extension Int: SettingRepresentable {
  package init?(setting: SettingValue?) {
    guard case .whole(let value) = setting else { return nil }
    self = value
  }
  package var setting: SettingValue? { .whole(self) }
}

extension Double: SettingRepresentable {
  package init?(setting: SettingValue?) {
    guard case .number(let value) = setting else { return nil }
    self = value
  }
  package var setting: SettingValue? { .number(self) }
}

extension Bool: SettingRepresentable {
  package init?(setting: SettingValue?) {
    guard case .flag(let value) = setting else { return nil }
    self = value
  }
  package var setting: SettingValue? { .flag(self) }
}

extension Optional: SettingRepresentable where Wrapped: SettingRepresentable {
  package init?(setting: SettingValue?) {
    if setting == nil {
      self = .none
    } else {
      guard let value = Wrapped(setting: setting) else { return nil }
      self = .some(value)
    }
  }
  package var setting: SettingValue? { self?.setting }
}

extension SettingRepresentable where Self: RawRepresentable, RawValue == String {
  package init?(setting: SettingValue?) {
    guard case .text(let text) = setting else { return nil }
    self.init(rawValue: text)
  }
  package var setting: SettingValue? { .text(rawValue) }
}

extension [MaskDirectory.Format]: SettingRepresentable {
  package init?(setting: SettingValue?) {
    guard case .text(let text) = setting else { return nil }
    self = text.split(separator: ",").compactMap { MaskDirectory.Format(rawValue: String($0)) }
  }
  package var setting: SettingValue? { .text(map(\.rawValue).joined(separator: ",")) }
}
