/// Takes secrets out of text that is shown: passwords in URLs and values of query items that are named like secrets.
public enum Redaction {
  /// What stands for a secret.
  static let mark = "***"
  /// Query items whose values are not shown; a name that ends in one of these counts too.
  private static let secretNames = [
    "password", "passwd", "pass", "pwd", "token", "key", "secret", "auth", "signature", "sig", "credential",
  ]

  /// The text without secrets. It may hold any number of URLs between other words.
  public static func redact(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let mark = rest.firstRange(of: "://") {
      result += rest[..<mark.upperBound]
      let url = rest[mark.upperBound...].prefix { !isBoundary($0) }
      result += redactURL(url)
      rest = rest[url.endIndex...]
    }
    return result + rest
  }

  /// One URL without secrets, whose password may hold what ends a URL in running text.
  static func redact(url text: String) -> String {
    guard let scheme = text.firstRange(of: "://") else { return text }
    return text[..<scheme.upperBound] + redactURL(text[scheme.upperBound...])
  }

  private static func isBoundary(_ character: Character) -> Bool {
    character.isWhitespace || character == "\"" || character == "<" || character == ">"
  }

  /// What follows `://`: perhaps a user and a password, a host, a path, a query.
  private static func redactURL(_ url: Substring) -> String {
    // A password may hold a slash, in spite of the standard: the last @ before the query ends it. With no slash before
    // the question mark, that may be the password's too. In doubt too much is hidden.
    let beforeQuery = url.prefix { $0 != "?" }
    let head = beforeQuery.contains("/") ? beforeQuery : url
    var (user, rest) = ("", url)
    if let at = head.lastIndex(of: "@"), isUserInformation(head[..<at]) {
      (user, rest) = (url.prefix { $0 != ":" } + ":" + mark, url[at...])
    }
    let query = rest.firstIndex(of: "?") ?? rest.endIndex
    return user + rest[..<query] + redactQuery(rest[query...])
  }

  /// Whether the text before an @ has a password: a colon before the first slash.
  private static func isUserInformation(_ text: Substring) -> Bool {
    guard let colon = text.firstIndex(of: ":") else { return false }
    return !text[..<colon].contains("/")
  }

  private static func redactQuery(_ query: Substring) -> String {
    query.split(separator: "&", omittingEmptySubsequences: false).map { item in
      guard let equals = item.firstIndex(of: "=") else { return String(item) }
      let name = item[..<equals].lowercased()
      return secretNames.contains { name.hasSuffix($0) } ? "\(item[...equals])\(mark)" : String(item)
    }.joined(separator: "&")
  }
}
