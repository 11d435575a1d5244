// tocsin tap: what happens in a running daemon, as it happens, without anything personal.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/admin_options.h"
#include "daemon/cli/operator_commands.h"
#include "daemon/cli/standard_output.h"
#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

using Clock = std::chrono::steady_clock;

struct TapArguments {
  AdminArguments admin;
  std::vector<std::string> kinds;
  int64_t limit = 0;
  int seconds = 0;
  std::string format;
};

// "finding  severity=high detector=new_device …"
std::string TextOf(const std::string& json) {
  auto members = schemas::PlainMembers(json);
  std::string line = members["kind"];
  line.resize(std::max<size_t>(line.size(), 12), ' ');
  members.erase("kind");
  for (const auto& [name, value] : members) line.append(" ").append(name).append("=").append(value);
  return line;
}

int Run(const TapArguments& arguments) {
  Result<AdminTarget> target = TargetOf(arguments.admin);
  if (!target) return FailAs("tap", target.error());
  std::string kinds;
  for (const std::string& kind : arguments.kinds) kinds.append(kinds.empty() ? "" : ",").append(kind);
  const bool text = arguments.format.empty() ? ::isatty(STDOUT_FILENO) != 0 : arguments.format == "text";
  const auto end = Clock::now() + std::chrono::seconds(arguments.seconds);
  int64_t left = arguments.limit;
  std::string after;
  while (arguments.seconds == 0 || Clock::now() < end) {
    Result<std::string> answer =
        AdminGet(*target, "/admin/v1/tap?kinds=" + kinds + (after.empty() ? "" : "&after=" + after));
    if (!answer) return FailAs("tap", answer.error());
    if (after.empty()) std::fprintf(stderr, "tocsin tap: listening\n");
    after = schemas::PlainMembers(*answer)["next"];
    std::string out;
    for (const std::string& entry : schemas::ArrayMember(*answer, "entries")) {
      out.append(text ? TextOf(entry) : entry).append("\n");
      if (arguments.limit > 0 && --left == 0) return WriteLines(out);
    }
    if (const int code = WriteLines(out); code != kExitOk) return code;
  }
  return kExitOk;
}

}  // namespace

RegisteredCommand AddTap(CLI::App& app) {
  auto arguments = std::make_shared<TapArguments>();
  CLI::App* command = app.add_subcommand("tap", "Shows events and findings of a running daemon as they come");
  command->footer(
      "An account is shown as its keyed hash, and nothing else of a person at all. Events are a sample, 200 "
      "a second at\n"
      "most. Ends with Ctrl-C, --limit or --duration.");
  AddAdminOptions(*command, arguments->admin);
  command
      ->add_option("--kinds", arguments->kinds,
                   "event, finding, notice, ticket, action, dead_letter; all without it")
      ->delimiter(',')
      ->check(CLI::IsMember({"event", "finding", "notice", "ticket", "action", "dead_letter"}));
  command->add_option("--limit", arguments->limit, "End after so many")->check(CLI::NonNegativeNumber);
  command->add_option("--duration", arguments->seconds, "End after so many seconds")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--format", arguments->format, "text (on a terminal) or json (in a pipe)")
      ->check(CLI::IsMember({"text", "json"}));
  return {command, [arguments] { return Run(*arguments); }};
}

}  // namespace tocsin::daemon
