# Writes a part of a manual page from the records of read-help.awk. Variables: part = head (all up
# to the commands), command (one command) or tail (what follows them); program, section, version,
# others (pages to see also).
BEGIN { FS = "\t" }

function escaped(text) {
  gsub(/\\/, "\\e", text)
  gsub(/-/, "\\-", text)
  gsub(/'/, "\\(aq", text)
  gsub(/`/, "\\(ga", text)
  gsub(/\^/, "\\(ha", text)
  gsub(/~/, "\\(ti", text)
  return text ~ /^[.]/ ? "\\&" text : text
}

function bold(text) { return "\\fB" escaped(text) "\\fR" }

# A line of running text, or of an example where it is indented; an empty one ends a paragraph.
function line_of(text) {
  if (text ~ /^  /) {
    if (!verbatim) print ".PP\n.RS 4\n.nf"
    verbatim = 1
    sub(/^  /, "", text)
    print escaped(text)
    return
  }
  end_verbatim()
  if (text == "") { between = 1; return }
  if (between) print ".PP"
  between = 0
  print escaped(text)
}

function end_verbatim() {
  if (verbatim) { print ".fi\n.RE"; between = 1 }
  verbatim = 0
}

function heading_of(text) {
  end_verbatim()
  print part == "command" ? ".PP" : ".SH " text
  between = 0
}

# "-j,--jobs" as bold names with a comma and a blank between them.
function names_of(names,   parts, count, i, all) {
  count = split(names, parts, ",")
  for (i = 1; i <= count; ++i) all = all (i > 1 ? ", " : "") bold(parts[i])
  return all
}

function print_entry(   type, more) {
  type = $4
  sub(/[.][.][.]$/, " ...", type)
  more = $6
  # Some texts name the choices themselves.
  split($5, choices, " ")
  if ($5 != "" && index($7, choices[1]) == 0) { gsub(/ /, ", ", $5); more = "one of " $5 (more == "" ? "" : "; " more) }
  print ".TP"
  print names_of($3) (type == "" ? "" : " \\fI" escaped(type) "\\fR")
  print escaped($7) (more == "" ? "" : "\n(" escaped(more) ")")
}

$1 == "about" && part != "tail" { about[++abouts] = $2 }
$1 == "usage" && part != "tail" {
  if (part == "command") {
    print ".SS " escaped(substr($2, length(program) + 2))
  } else {
    sub("^" program ": ", "", about[1])
    about[1] = toupper(substr(about[1], 1, 1)) substr(about[1], 2)
    first = about[1]
    sub(/[.]$/, "", first)
    printf ".TH %s %s \"\" \"%s\" \"Coordinate\"\n", toupper(program), section, escaped(version)
    print ".SH NAME\n" escaped(program) " \\- " escaped(tolower(substr(first, 1, 1)) substr(first, 2))
    print ".SH SYNOPSIS\n" bold(program) escaped(substr($2, length(program) + 1))
    print ".SH DESCRIPTION"
  }
  for (i = 1; i <= abouts; ++i) line_of(about[i])
}
$1 == "entry" && part != "tail" && $2 != "Subcommands" {
  # Every command has it.
  if (part == "command" && $3 == "-h,--help") next
  if (part == "head" && !options++) print ".SH OPTIONS"
  print_entry()
}
$1 == "note" && part != "head" {
  if ($2 == "Examples:" && part == "tail") { heading_of("EXAMPLES"); examples = 1; next }
  if ($2 ~ /^Exit codes: / && part == "tail" && (between || !noted)) {
    heading_of("EXIT STATUS")
    noted = 1
    line_of(toupper(substr($2, 13, 1)) substr($2, 14))
    next
  }
  if (!noted++ || (examples && $2 !~ /^(  |$)/)) { heading_of("NOTES"); examples = 0 }
  line_of($2)
}
END {
  end_verbatim()
  if (part == "tail") print ".SH SEE ALSO\n" others
}
