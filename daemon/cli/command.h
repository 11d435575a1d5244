// The command line (contracts.md §5): one file for each subcommand, registered here by name.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tocsin::daemon {

// Exit codes of every subcommand (sysexits.h).
inline constexpr int kExitOk = 0;
inline constexpr int kExitProblem = 1;  // It ran, and the answer is "no" (check --strict with warnings).
inline constexpr int kExitUsage = 64;
inline constexpr int kExitUnavailable = 69;
inline constexpr int kExitConfig = 78;

// Adds the subcommand to `app`; the returned function runs it and gives the exit code.
using Command = std::function<int()>;
struct RegisteredCommand {
  CLI::App* app = nullptr;
  Command run;
};
RegisteredCommand AddRun(CLI::App& app);
RegisteredCommand AddCheck(CLI::App& app);
RegisteredCommand AddReplay(CLI::App& app);
RegisteredCommand AddGenerate(CLI::App& app);
RegisteredCommand AddDetectors(CLI::App& app);
RegisteredCommand AddRender(CLI::App& app);
RegisteredCommand AddExplain(CLI::App& app);
RegisteredCommand AddAccount(CLI::App& app);
RegisteredCommand AddTickets(CLI::App& app);
RegisteredCommand AddDoctor(CLI::App& app);

}  // namespace tocsin::daemon
