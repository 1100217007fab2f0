import ArgumentParser

/// `nem-stream complete -- WORDS…`: what the shells' completion scripts ask. The parser's own scripts know neither the
/// options of the default command without its name nor those that the short help leaves out.
struct CompleteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "complete", abstract: "Complete the last of the words of a command line.", shouldDisplay: false)

  @Argument(parsing: .captureForPassthrough, help: "Words after the program's name.") var words: [String] = []

  func run() throws {
    let words = words.first == "--" ? Array(words.dropFirst()) : words
    try Console.printWhole(Completion(words, of: try DescribedProgram.own().command).text)
  }

  /// The script for a shell, where one is asked for as the parser has it; nil if none is, or none is known.
  static func script(askedBy arguments: [String]) -> String? {
    let words = arguments.flatMap { $0.split(separator: "=", maxSplits: 1).map(String.init) }
    guard let place = words.firstIndex(of: "--generate-completion-script") else { return nil }
    return scripts[words.dropFirst(place + 1).first ?? ""]
  }

  private static let scripts = [
    "bash": #"""
    _nem_stream() {
        local place word cur="${COMP_WORDS[COMP_CWORD]}"
        COMPREPLY=()
        {
            read -r place
            while IFS=$'\t' read -r word _; do COMPREPLY+=("$word"); done
        } < <("$1" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        [[ $place == files ]] || return 0
        if ((${#COMPREPLY[@]} == 0)); then
            compopt -o default
        else
            compopt -o filenames
            while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$cur")
        fi
    }
    complete -F _nem_stream nem-stream

    """#,
    "zsh": #"""
    #compdef nem-stream
    _nem-stream() {
        local -a lines
        lines=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
        local place="${lines[1]}"
        lines=("${(@)lines[2,-1]//:/\\:}")
        lines=("${(@)lines/$'\t'/:}")
        local -i ret=1
        (( ${#lines} )) && _describe -V nem-stream lines && ret=0
        [[ "$place" == files ]] && _files && ret=0
        return ret
    }
    if [[ "${funcstack[1]}" == _nem-stream ]]; then _nem-stream "$@"; else compdef _nem-stream nem-stream; fi

    """#,
    "fish": #"""
    function __nem_stream_complete
        set -l typed (commandline -opc)
        set -l begun (commandline -ct)
        set -l lines (command $typed[1] complete -- $typed[2..-1] "$begun" 2>/dev/null)
        printf '%s\n' $lines[2..-1]
        if test "$lines[1]" = files
            __fish_complete_path "$begun"
        end
    end
    complete -c nem-stream -f -a '(__nem_stream_complete)'

    """#,
  ]
}
