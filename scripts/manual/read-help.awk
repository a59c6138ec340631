# Reads what a program's --help prints (CLI11's layout) and writes one record a line, its fields
# separated by tabs:
#   about TEXT       a line of the description
#   usage TEXT
#   entry SECTION NAMES TYPE CHOICES NOTES TEXT   an option, a positional or a subcommand: SECTION
#                    is Options, Positionals or Subcommands, TYPE ends in "..." where the word may
#                    be repeated, CHOICES are separated by blanks, NOTES are more to tell of it
#   note TEXT        a line of what follows the options
BEGIN { column = 30; indent = sprintf("%" column "s", ""); place = "about" }

# Takes what matches off the end of `rest`, and returns it.
function take(pattern,   taken) {
  if (!match(rest, pattern)) return ""
  taken = substr(rest, RSTART)
  rest = substr(rest, 1, RSTART - 1)
  return taken
}

function add_note(text) { notes = notes (notes == "" ? "" : "; ") text }

function flush_entry(   names, type, choices, range, value) {
  if (head == "") return
  names = head
  rest = ""
  if (match(head, / /)) { names = substr(head, 1, RSTART - 1); rest = substr(head, RSTART) }
  notes = ""
  value = take(" Excludes: .*$")
  if (value != "") add_note("not together with" substr(value, 11))
  value = take(" Needs: .*$")
  if (value != "") add_note("only together with" substr(value, 8))
  value = take(" \\(Env:.*\\)$")
  if (value != "") add_note("also in the environment, as " substr(value, 7, length(value) - 7))
  if (take(" REQUIRED$") != "") add_note("required")
  repeated = take(" [.][.][.]$")
  value = take("=[^ =]*$")
  if (value != "") add_note("default " substr(value, 2))
  range = take(":[A-Z]+ in \\[[^]]*\\]$")
  if (range != "") {
    sub(/^.*\[/, "", range); sub(/\]$/, "", range); sub(/ - /, " to ", range)
    add_note(range)
  }
  if (take(":POSITIVE$") != "" ) add_note("more than 0")
  if (take(":NONNEGATIVE$") != "") add_note("0 or more")
  choices = take(":[{][^}]*[}]$")
  choices = substr(choices, 3, length(choices) - 3)
  gsub(/,/, " ", choices)
  type = substr(rest, 2) (repeated == "" ? "" : "...")
  print "entry", section, names, type, choices, notes, text
  head = ""
}

# The head ends where the texts' column begins; one that is longer stands on a line of its own.
function start_entry(line) {
  flush_entry()
  head = substr(line, 3)
  text = ""
  if (substr(line, column, 1) == " " && match(line, /[^ ]  +/) && RSTART + RLENGTH == column + 1) {
    head = substr(line, 3, RSTART - 2)
    text = substr(line, column + 1)
  }
}

BEGIN { OFS = "\t" }
/^Usage: / && place == "about" { print "usage", substr($0, 8); place = "entries"; next }
place == "about" { print "about", $0; next }
place == "entries" && /^(Options|Positionals|Subcommands):$/ {
  flush_entry(); section = substr($0, 1, length($0) - 1); next
}
place == "entries" && index($0, indent) == 1 { text = text (text == "" ? "" : " ") substr($0, column + 1); next }
place == "entries" && /^  [^ ]/ { start_entry($0); next }
place == "entries" && /^$/ { next }
place == "entries" { flush_entry(); place = "notes" }
place == "notes" { print "note", $0 }
END { flush_entry() }
