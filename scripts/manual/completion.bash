
_PROGRAM_words() {  # completes the word $1 with the words that follow
  local word=$1 candidate quoted
  shift
  for candidate in "$@"; do
    if [[ $candidate == "$word"* ]]; then
      printf -v quoted %q "$candidate"
      COMPREPLY+=("$quoted")
    fi
  done
}

_PROGRAM_value() {  # completes the word $2 as a value of the type $1, or as one of A,B,C
  local names=()
  case $1 in
    SPEC)
      mapfile -t names < <(timeout 2 coordinate "${globals[@]}" work-specs --names 2>/dev/null)
      _PROGRAM_words "$2" "${names[@]}"
      ;;
    FILE)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$2")
      ;;
    COMMAND) mapfile -t COMPREPLY < <(compgen -c -- "$2") ;;
    *,*)
      IFS=, read -ra names <<<"$1"
      _PROGRAM_words "$2" "${names[@]}"
      ;;
  esac
}

# COMPREPLY is filled by hand, so that names with blanks survive; only bash itself is needed.
_PROGRAM() {
  local cur=${COMP_WORDS[COMP_CWORD]} command="" options="" with_value="" commands=""
  local globals=() positionals=() place=0 i value word pair
  COMPREPLY=()
  [[ $cur == = ]] && cur=""  # bash takes --name=value for three words
  _PROGRAM_takes ""
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == -- ]]; then
      [[ ${positionals[0]} == COMMAND+ ]] && ((i + 1 == COMP_CWORD)) && word=COMMAND || word=FILE
      _PROGRAM_value "$word" "$cur"
      return
    elif [[ $word == -* ]]; then
      ((value = i + 1))
      [[ ${COMP_WORDS[value]} == = ]] && ((value < COMP_CWORD)) && ((value++))
      for pair in $with_value; do
        if [[ $word == "${pair%%=*}" ]]; then
          if ((value >= COMP_CWORD)); then
            _PROGRAM_value "${pair#*=}" "$cur"
            return
          fi
          case $word in --address | -c | --config) globals+=("$word" "${COMP_WORDS[value]}") ;; esac
          ((i = value))
          break
        fi
      done
    elif [[ -z $command && -n $commands ]]; then
      command=$word
      _PROGRAM_takes "$command"
    else
      ((place++))
    fi
  done
  if [[ $cur == -* ]]; then
    # shellcheck disable=SC2086
    _PROGRAM_words "$cur" $options
  elif [[ -z $command && -n $commands ]]; then
    # shellcheck disable=SC2086
    _PROGRAM_words "$cur" $commands
  elif ((${#positionals[@]} > 0)); then
    if ((place >= ${#positionals[@]})); then
      [[ ${positionals[-1]} == *+ ]] || return
      place=$((${#positionals[@]} - 1))
    fi
    word=${positionals[place]}
    _PROGRAM_value "${word%+}" "$cur"
  fi
}
complete -F _PROGRAM PROGRAM
