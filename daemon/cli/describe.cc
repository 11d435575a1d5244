#include "daemon/cli/describe.h"

#include <CLI/CLI.hpp>

#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "daemon/cli/command.h"

namespace tocsin::daemon {
namespace {

struct Choice {
  std::string option;  // "--format"
  std::string about;
  std::vector<std::string> values;  // Of a closed set.
  bool takes_value = false;
};

struct Place {
  std::string path;  // "account show"; "" for the program itself.
  std::string about;
  std::vector<const CLI::App*> inner;
  std::vector<Choice> options;
};

// "{text,json}" in what the library tells of a type.
std::vector<std::string> ValuesOf(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t open = type.find('{');
  const size_t close = type.find('}', std::min(open, type.size()));
  std::vector<std::string> values;
  if (open == std::string::npos || close == std::string::npos) return values;
  std::string value;
  for (size_t at = open + 1; at <= close; ++at) {
    if (type[at] == ',' || at == close) {
      values.push_back(std::exchange(value, {}));
    } else if (type[at] != ' ') {
      value += type[at];
    }
  }
  return values;
}

std::vector<const CLI::App*> InnerOf(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<Choice> OptionsOf(const CLI::App& app) {
  std::vector<Choice> choices;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      choices.push_back({"--" + name, option->get_description(), ValuesOf(*option),
                         option->get_expected_max() > 0 && option->get_items_expected_max() > 0});
    }
  }
  return choices;
}

// The program, its commands and theirs, in order.
std::vector<Place> PlacesOf(const CLI::App& root) {
  std::vector<Place> places;
  const std::function<void(const CLI::App&, const std::string&)> walk = [&](const CLI::App& app,
                                                                            const std::string& path) {
    places.push_back({path, app.get_description(), InnerOf(app), OptionsOf(app)});
    for (const CLI::App* inner : InnerOf(app))
      walk(*inner, path.empty() ? inner->get_name() : path + " " + inner->get_name());
  };
  walk(root, "");
  return places;
}

std::string Joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out.append(out.empty() ? "" : " ").append(text);
  return out;
}

std::string Bash(const CLI::App& root) {
  std::string paths;
  std::string words;
  std::string values;
  for (const Place& place : PlacesOf(root)) {
    if (!place.path.empty())
      paths.append(paths.empty() ? "" : " | ").append("'").append(place.path).append("'");
    std::vector<std::string> offered;
    offered.reserve(place.inner.size() + place.options.size());
    for (const CLI::App* inner : place.inner) offered.push_back(inner->get_name());
    for (const Choice& choice : place.options) {
      offered.push_back(choice.option);
      if (choice.values.empty() && !choice.takes_value) continue;
      values.append("    '").append(place.path).append(":").append(choice.option).append("') ");
      if (choice.values.empty()) {
        values.append("mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n");
      } else {
        values.append("mapfile -t COMPREPLY < <(compgen -W '")
            .append(Joined(choice.values))
            .append("' -- \"$cur\") ;;\n");
      }
    }
    words.append("    '").append(place.path).append("') words='").append(Joined(offered)).append("' ;;\n");
  }
  return "# bash completion of tocsin, made by `tocsin generate completion bash`\n"
         "_tocsin() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} path='' longer words='' i\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    longer=${path:+$path }${COMP_WORDS[i]}\n"
         "    case $longer in\n      " +
         paths +
         ") path=$longer ;;\n"
         "    esac\n"
         "  done\n"
         "  COMPREPLY=()\n"
         "  case \"$path:$prev\" in\n" +
         values +
         "    *)\n"
         "      case $path in\n" +
         words +
         "      esac\n"
         "      mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\") ;;\n"
         "  esac\n"
         "}\n"
         "complete -o bashdefault -o default -F _tocsin tocsin\n";
}

std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("\\'") : std::string(1, c);
  return out + "'";
}

std::string Fish(const CLI::App& root) {
  std::string out = "# fish completion of tocsin, made by `tocsin generate completion fish`\n";
  for (const Place& place : PlacesOf(root)) {
    std::string when = "__fish_use_subcommand";
    if (!place.path.empty()) {
      when = "__fish_seen_subcommand_from " + place.path.substr(0, place.path.find(' '));
      if (const size_t space = place.path.find(' '); space != std::string::npos)
        when += "; and __fish_seen_subcommand_from " + place.path.substr(space + 1);
    }
    const std::string begin = "complete -c tocsin -n " + Quoted(when);
    for (const CLI::App* inner : place.inner)
      out += begin + " -f -a " + inner->get_name() + " -d " + Quoted(inner->get_description()) + "\n";
    for (const Choice& choice : place.options) {
      out += begin + " -l " + choice.option.substr(2);
      if (!choice.values.empty()) {
        out += " -x -a " + Quoted(Joined(choice.values));
      } else if (choice.takes_value) {
        out += " -r";
      }
      out += " -d " + Quoted(choice.about) + "\n";
    }
  }
  return out;
}

constexpr std::array<std::pair<int, std::string_view>, 5> kExitCodes{
    {{kExitOk, "Success."},
     {kExitProblem, "It ran, and the answer is no."},
     {kExitUsage, "Bad usage: an option or a command that is not there."},
     {kExitUnavailable, "Something that it needs does not answer: a service, a disk."},
     {kExitConfig,
      "The configuration is bad (every mistake is named, with line and key), or the state is a later "
      "version's or another's. No restart mends it."}}};

// A command as it is typed, and what it does.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kExamples{{
    {"tocsin generate config >tocsin.yaml", "A configuration with every key and its default."},
    {"tocsin check --config tocsin.yaml", "Every mistake of it at once."},
    {"tocsin run --config tocsin.yaml", "The daemon."},
    {"tocsin doctor --config tocsin.yaml", "Whether everything that it depends on answers, with the remedy."},
    {"tocsin replay --events events.jsonl --findings findings.jsonl",
     "What it finds in a file of events; nobody is told."},
    {"tocsin replay --events events.jsonl --config tocsin.yaml --against new.yaml",
     "Which findings would appear and vanish with another configuration."},
    {"tocsin top --once", "One look at a running daemon."},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kFiles{{
    {"/etc/tocsin/tocsin.yaml", "The configuration, as the unit of systemd names it."},
    {"/etc/tocsin/secrets", "Secrets, which the configuration names as {file: PATH}."},
    {"/var/lib/tocsin", "The state (state_dir). With log: local it is the only copy: back it up."},
    {"/var/lib/tocsin/audit.jsonl", "A line for each change that an operator made."},
    {"/var/lib/tocsin/erasures.jsonl", "A line for each account that was erased."},
}};

// What the macros would take for their own.
std::string Troff(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c == '.' || c == '\'') && (i == 0 || text[i - 1] == '\n')) out += "\\&";
    if (c == '\\' || c == '-') out += '\\';
    out += c;
  }
  return out;
}

void AppendOptions(std::string& out, const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty() && option->get_snames().empty()) {
      out += ".TP\n.I " + Troff(option->get_name(true)) + "\n" + Troff(option->get_description()) + "\n";
      continue;
    }
    std::string names;
    for (const std::string& name : option->get_snames()) names += (names.empty() ? "-" : ", -") + name;
    for (const std::string& name : option->get_lnames()) names += (names.empty() ? "--" : ", --") + name;
    out += ".TP\n.B " + Troff(names) + "\n" + Troff(option->get_description());
    if (const std::vector<std::string> values = ValuesOf(*option); !values.empty())
      out += Troff(" (" + Joined(values) + ")");
    out += "\n";
  }
}

}  // namespace

std::string CompletionFor(std::string_view shell, const CLI::App& root) {
  if (shell == "bash") return Bash(root);
  if (shell == "zsh") return "#compdef tocsin\nautoload -U +X bashcompinit && bashcompinit\n" + Bash(root);
  if (shell == "fish") return Fish(root);
  return {};
}

std::string ExitCodes() {
  std::string out = "Exit codes:";
  for (const auto& [code, text] : kExitCodes) out += "\n " + std::to_string(code) + "  " + std::string(text);
  return out;
}

std::string ManualPage(const CLI::App& root, std::string_view version) {
  std::string out = ".TH TOCSIN 1 \"\" \"tocsin " + std::string(version) +
                    "\" \"User Commands\"\n.SH NAME\ntocsin \\- " +
                    Troff("account security event monitor for payment platforms") +
                    "\n.SH SYNOPSIS\n.B tocsin\n.I COMMAND\n[options]\n.SH DESCRIPTION\n" +
                    Troff(root.get_description()) + "\n.SH COMMANDS\n";
  const std::function<void(const CLI::App&, const std::string&)> walk = [&](const CLI::App& app,
                                                                            const std::string& path) {
    out += ".SS " + Troff("tocsin " + path) + "\n" + Troff(app.get_description()) + "\n";
    if (!app.get_footer().empty()) out += ".PP\n" + Troff(app.get_footer()) + "\n";
    AppendOptions(out, app);
    for (const CLI::App* inner : InnerOf(app)) walk(*inner, path + " " + inner->get_name());
  };
  for (const CLI::App* inner : InnerOf(root)) walk(*inner, inner->get_name());
  const auto term = [&out](std::string_view name, std::string_view text) {
    out.append(".TP\n.B ").append(Troff(name)).append("\n").append(Troff(text)).append("\n");
  };
  out += ".SH EXAMPLES\n";
  for (const auto& [command, text] : kExamples) term(command, text);
  out += ".SH FILES\n";
  for (const auto& [path, text] : kFiles) term(path, text);
  out += ".SH EXIT STATUS\n";
  for (const auto& [code, text] : kExitCodes) term(std::to_string(code), text);
  out +=
      ".SH SIGNALS\n.TP\n.B SIGHUP\n"
      "tocsin run reads its configuration and its databases again.\n.TP\n.B SIGTERM, SIGINT\n"
      "It finishes what it has read, commits and ends.\n.SH ENVIRONMENT\n.TP\n.B NOTIFY_SOCKET, "
      "WATCHDOG_USEC\n"
      "Set by systemd: the daemon tells when it is ready, alive and stopping.\n.TP\n.B NO_COLOR\nLog lines "
      "on a terminal "
      "have no colour.\n";
  return out;
}

}  // namespace tocsin::daemon
