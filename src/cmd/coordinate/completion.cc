// SPDX-License-Identifier: MIT
// The command `completion`: a bash script made from the parser's own table of options.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <ostream>

#include "cmd/coordinate/app.h"
#include "cmd/coordinate/command.h"
#include "domain/status.h"

namespace coord {

namespace {

// What does not depend on the commands. COMPREPLY is filled by hand, so that names with blanks
// survive; only bash itself is needed.
constexpr std::string_view kHelpers =
    R"bash(# bash completion for coordinate; made by `coordinate completion bash`

_coordinate_words() {  # completes the word $1 with the words that follow
  local word=$1 candidate quoted
  shift
  for candidate in "$@"; do
    if [[ $candidate == "$word"* ]]; then
      printf -v quoted %q "$candidate"
      COMPREPLY+=("$quoted")
    fi
  done
}

_coordinate_type() {  # completes the word $2 as a value of the type $1
  local names=()
  case $1 in
    SPEC)
      mapfile -t names < <(timeout 2 coordinate "${globals[@]}" work-specs --names 2>/dev/null)
      _coordinate_words "$2" "${names[@]}"
      ;;
    FILE)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$2")
      ;;
    DIR)
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -d -- "$2")
      ;;
    COMMAND) mapfile -t COMPREPLY < <(compgen -c -- "$2") ;;
)bash";

constexpr std::string_view kMain = R"bash(
_coordinate() {
  local cur=${COMP_WORDS[COMP_CWORD]} command="" options="$_coordinate_global_options"
  local with_value="$_coordinate_global_with_value" globals=() positionals=() place=0 i word pair
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == -- ]]; then
      _coordinate_type FILE "$cur"
      return
    elif [[ $word == -* ]]; then
      for pair in $with_value; do
        if [[ $word == "${pair%%=*}" ]]; then
          if ((i + 1 == COMP_CWORD)); then
            _coordinate_type "${pair#*=}" "$cur"
            return
          fi
          case $word in --address | -c | --config) globals+=("$word" "${COMP_WORDS[i + 1]}") ;; esac
          ((i++))
          break
        fi
      done
    elif [[ -z $command ]]; then
      command=$word
      _coordinate_command "$command"
    else
      ((place++))
    fi
  done
  if [[ $cur == -* ]]; then
    # shellcheck disable=SC2086
    _coordinate_words "$cur" $options
  elif [[ -z $command ]]; then
    # shellcheck disable=SC2086
    _coordinate_words "$cur" $_coordinate_commands
  elif ((${#positionals[@]} > 0)); then
    if ((place >= ${#positionals[@]})); then
      [[ ${positionals[-1]} == *+ ]] || return
      place=$((${#positionals[@]} - 1))
    fi
    word=${positionals[place]}
    _coordinate_type "${word%+}" "$cur"
  fi
}
complete -F _coordinate coordinate
)bash";

std::vector<std::string> NamesOf(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

// What bash needs to know of the options of one parser.
struct OptionTable {
  std::vector<std::string> options;      // all names
  std::vector<std::string> with_value;   // NAME=TYPE, of those that need a value
  std::vector<std::string> positionals;  // TYPE, or TYPE+ where it takes all that follow
};

OptionTable TableOf(const CLI::App& app) {
  OptionTable table;
  for (const CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    if (option->get_positional()) {
      table.positionals.push_back(type + (option->get_items_expected_max() > 1 ? "+" : ""));
      continue;
    }
    for (const std::string& name : NamesOf(*option)) {
      table.options.push_back(name);
      if (option->get_items_expected_min() > 0) table.with_value.push_back(name + "=" + type);
    }
  }
  return table;
}

std::string Statuses() {
  std::string texts;
  for (const WorkUnitStatus status : kWorkUnitStatuses) {
    texts += " " + std::string(ToText(status));
  }
  return texts;
}

std::string BashCompletion() {
  const Registry registry = AllCommands();
  GlobalOptions unused;
  const std::unique_ptr<CLI::App> app = BuildApp(registry, unused);
  const OptionTable global = TableOf(*app);
  std::string script(kHelpers);
  script += fmt::format("    STATUS) _coordinate_words \"$2\"{} ;;\n", Statuses());
  script += "    SHELL) _coordinate_words \"$2\" bash ;;\n  esac\n}\n\n";
  std::vector<std::string> commands;
  std::string cases;
  for (const CLI::App* command : app->get_subcommands({})) {
    commands.push_back(command->get_name());
    const OptionTable table = TableOf(*command);
    cases += fmt::format(
        "    {})\n      options+=\" {}\"\n      with_value+=\" {}\"\n      positionals=({})\n      "
        ";;\n",
        command->get_name(), fmt::join(table.options, " "), fmt::join(table.with_value, " "),
        fmt::join(table.positionals, " "));
  }
  script += fmt::format("_coordinate_commands=\"{}\"\n", fmt::join(commands, " "));
  script += fmt::format("_coordinate_global_options=\"{}\"\n", fmt::join(global.options, " "));
  script +=
      fmt::format("_coordinate_global_with_value=\"{}\"\n\n", fmt::join(global.with_value, " "));
  script += "_coordinate_command() {  # sets what the command $1 takes\n  case $1 in\n" + cases +
            "  esac\n}\n";
  return script + std::string(kMain);
}

class CompletionCommand final : public Command {
 public:
  std::string_view name() const override { return "completion"; }
  std::string_view summary() const override { return "Print the script for completion in bash"; }
  std::string_view notes() const override {
    return "Names of work specs are completed by asking the daemon.\n"
           "\n"
           "Examples:\n"
           "  source <(coordinate completion bash)\n"
           "  coordinate completion bash > /etc/bash_completion.d/coordinate";
  }

  void SetUp(CLI::App& app) override {
    app.add_option("shell", shell_, "The shell")->required()->type_name("SHELL");
  }

  Result<int> Run(Context& context) override {
    if (shell_ != "bash") return InvalidError("there is completion for bash alone, not " + shell_);
    context.out() << BashCompletion();
    return kExitOk;
  }

 private:
  std::string shell_;
};

}  // namespace

void RegisterCompletionCommand(Registry& registry) {
  registry.Add(std::make_unique<CompletionCommand>());
}

}  // namespace coord
