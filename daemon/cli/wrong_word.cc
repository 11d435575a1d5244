#include "daemon/cli/wrong_word.h"

#include <CLI/CLI.hpp>

#include <string_view>
#include <vector>

#include "base/text.h"

namespace tocsin::daemon {

std::string WrongWord(const CLI::App& app) {
  const std::vector<std::string> left = app.remaining(true);
  if (left.empty()) return {};
  const CLI::App* command = &app;
  std::string called = app.get_name();
  for (std::vector<CLI::App*> below; !(below = command->get_subcommands()).empty();) {
    command = below.back();
    called += " " + command->get_name();
  }
  const std::string word = left.front().substr(0, left.front().find('='));
  std::vector<std::string> known;
  std::string what = "is one word too many";
  if (word.starts_with('-')) {
    what = "is no option of it";
    for (const CLI::Option* option : command->get_options()) {
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
  } else if (const auto subcommands = command->get_subcommands({}); !subcommands.empty()) {
    what = "is no command of it";
    for (const CLI::App* subcommand : subcommands) known.push_back(subcommand->get_name());
  }
  const std::vector<std::string_view> names(known.begin(), known.end());
  std::string text = called + ": " + CleanText(word) + " " + what;
  if (const std::string_view nearest = NearestName(word, names); !nearest.empty())
    text.append("; did you mean ").append(nearest).append("?");
  return text + "\n" + called + " --help lists what there is\n";
}

}  // namespace tocsin::daemon
