// tocsin: an account security event monitor for payment platforms.
#include <CLI/CLI.hpp>

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "daemon/cli/describe.h"
#include "daemon/cli/operator_commands.h"
#include "daemon/cli/standard_output.h"
#include "daemon/cli/wrong_word.h"
#include "daemon/service/huge_pages.h"
#include "daemon/version.h"

namespace {

// States and outputs hold personal data, memory holds keys as well: files are their owner's alone, and a
// crash leaves no picture of the memory. Whoever needs one raises the soft limit (docs/operations.md).
void KeepPrivate() {
  ::umask(077);
  rlimit core{};
  if (::getrlimit(RLIMIT_CORE, &core) != 0) return;
  core.rlim_cur = 0;
  static_cast<void>(::setrlimit(RLIMIT_CORE, &core));
}

}  // namespace

int main(int argc, char** argv) {
  using namespace tocsin::daemon;
  KeepPrivate();
  // A reader that goes away (`tocsin … | head`) is an error of that write, not the end of the daemon.
  std::signal(SIGPIPE, SIG_IGN);

  CLI::App app{"Watches the accounts of a payment platform and tells people what it saw.", "tocsin"};
  app.set_version_flag("--version", std::string("tocsin ") + kProgramVersion);
  app.require_subcommand(1);
  app.footer(ExitCodes());
  app.set_help_all_flag("--help-all", "Help of every subcommand");
  const std::vector<RegisteredCommand> commands = {
      AddRun(app),           AddCheck(app),       AddReplay(app),     AddGenerate(app), AddDetectors(app),
      AddRender(app),        AddExplain(app),     AddAccount(app),    AddDoctor(app),   AddTop(app),
      AddTap(app),           AddDeadLetters(app), AddDeliveries(app), AddReload(app),   AddStatus(app),
      AddSupportBundle(app), AddTickets(app)};
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      if (const std::string wrong = WrongWord(app); !wrong.empty()) {
        std::cerr << wrong;
        return kExitUsage;
      }
    }
    const bool asked = app.exit(error) == 0;  // --help, --version.
    std::cout.flush();
    if (asked) return FinishOut();
    return kExitUsage;
  }
  if (app.got_subcommand("run") || app.got_subcommand("replay")) UseHugePages(argv);
  for (const RegisteredCommand& command : commands) {
    if (command.app->parsed()) return command.run();
  }
  return kExitUsage;
}
