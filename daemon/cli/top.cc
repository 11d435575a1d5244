// tocsin top: a live view of a running daemon on a terminal.
#include <CLI/CLI.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "daemon/cli/admin_options.h"
#include "daemon/cli/metrics_view.h"
#include "daemon/cli/operator_commands.h"
#include "daemon/cli/standard_output.h"
#include "daemon/service/plain_text.h"
#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

using Clock = std::chrono::steady_clock;

struct TopArguments {
  AdminArguments admin;
  std::string metrics = "http://127.0.0.1:9464";
  double interval = 1;
  bool once = false;
};

// Without a token, or without an admin interface, there are none.
std::vector<std::string> LatestFindings(const AdminTarget& target) {
  std::vector<std::string> lines;
  if (target.token.empty()) return lines;
  Result<std::string> answer = AdminGet(target, "/admin/v1/findings?limit=12");
  if (!answer) return lines;
  for (const std::string& finding : schemas::ArrayMember(*answer, "findings")) {
    auto members = schemas::PlainMembers(finding);
    std::string severity = members["severity"];
    severity.resize(std::max<size_t>(severity.size(), 9), ' ');
    lines.push_back(
        Plain(members["occurred_at"] + "  " + severity + members["detector"] + "  " + members["status"]));
  }
  return lines;
}

std::vector<PartitionView> Partitions(const AdminTarget& target) {
  if (target.token.empty()) return {};
  const Result<std::string> status = AdminGet(target, "/admin/v1/status");
  return status ? PartitionsOf(*status) : std::vector<PartitionView>();
}

int Run(const TopArguments& arguments) {
  Result<AdminTarget> target = TargetOf(arguments.admin);
  if (!target) return FailAs("top", target.error());
  const AdminTarget metrics{.url = arguments.metrics, .token = {}, .setting = "http.metrics_listen"};
  ScreenParts parts;
  auto at = Clock::now();
  for (bool first = true;; first = false) {
    Result<std::string> text = AdminGet(metrics, "/metrics");
    if (!text) return FailAs("top", text.error());
    const auto now = Clock::now();
    parts.before = first ? MetricsSample(*text) : std::move(parts.now);
    parts.now = MetricsSample(*text);
    parts.seconds = first ? 1 : std::chrono::duration<double>(now - at).count();
    at = now;
    if (!first || !arguments.once) {
      parts.partitions = Partitions(*target);
      parts.findings = LatestFindings(*target);
      winsize size{};
      if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        parts.width = size.ws_col;
        parts.rows = size.ws_row - 1;
      }
      // Home and clear: one write, so that nothing flickers.
      const std::string screen = (arguments.once ? "" : "\x1b[H\x1b[2J") + Screen(parts);
      if (const int code = WriteOut(screen); code != kExitOk) return code;
      if (arguments.once) return kExitOk;
    }
    std::this_thread::sleep_for(std::chrono::duration<double>(arguments.interval));
  }
}

}  // namespace

RegisteredCommand AddTop(CLI::App& app) {
  auto arguments = std::make_shared<TopArguments>();
  CLI::App* command = app.add_subcommand(
      "top", "A live view of a running daemon: rates, lag, state, partitions, latest findings");
  command->footer(
      "Partitions and findings are shown when there is a token; the rest comes from /metrics. Ends with "
      "Ctrl-C.");
  AddAdminOptions(*command, arguments->admin);
  command->add_option("--metrics", arguments->metrics, "Where /metrics is (http.metrics_listen)");
  command->add_option("--interval", arguments->interval, "Seconds between two looks")
      ->check(CLI::Range(0.1, 3600.0));
  command->add_flag("--once", arguments->once, "Print one screen and end");
  return {command, [arguments] { return Run(*arguments); }};
}

}  // namespace tocsin::daemon
