// tocsin reload: has a running daemon read its configuration again, and tells what came of it as `check`
// does.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include "daemon/cli/admin_options.h"
#include "daemon/cli/operator_commands.h"
#include "daemon/cli/reload_text.h"
#include "daemon/cli/standard_output.h"

namespace tocsin::daemon {
namespace {

constexpr int kRefused = 422;

struct ReloadArguments {
  AdminArguments admin;
  std::string format = "text";
};

int Reload(const ReloadArguments& arguments) {
  Result<AdminTarget> target = TargetOf(arguments.admin);
  if (!target) return FailAs("reload", target.error());
  Result<AdminAnswer> answer = AdminPostAny(*target, "/admin/v1/reload", "");
  if (!answer) return FailAs("reload", answer.error());
  const bool taken = answer->status == 200;
  if (!taken && answer->status != kRefused) return FailAs("reload", AdminRefusal(*target, *answer));
  if (arguments.format == "json") {
    const int written = WriteOut(answer->body + "\n");
    return taken ? written : kExitConfig;
  }
  const std::string text = ReloadText(answer->body, taken);
  if (taken) return WriteOut(text);
  std::fputs(text.c_str(), stderr);
  return kExitConfig;
}

}  // namespace

RegisteredCommand AddReload(CLI::App& app) {
  auto arguments = std::make_shared<ReloadArguments>();
  CLI::App* command =
      app.add_subcommand("reload", "Has a running daemon read its configuration again; prints what changed");
  AddAdminOptions(*command, arguments->admin);
  command->add_option("--format", arguments->format, "text, or json as the daemon says it")
      ->check(CLI::IsMember({"text", "json"}));
  command->footer("Exit code: 0 taken over, 78 refused: the old rules stay.");
  return {command, [arguments] { return Reload(*arguments); }};
}

}  // namespace tocsin::daemon
