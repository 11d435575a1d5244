// tocsin generate traffic: a made-up population's events, with labelled attacks.
#include "daemon/cli/generate_traffic.h"

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>

#include "daemon/cli/command.h"
#include "daemon/generate/traffic.h"

namespace tocsin::daemon {
namespace {

using generate::TrafficOptions;

struct TrafficArguments {
  uint32_t accounts = 1000;
  int days = 28;
  uint64_t seed = 1;
  std::string attacks = "all";
  double new_accounts = 0;
  std::string labels;
  std::string start = "2026-01-05";
  std::string out = "-";
};

// A file, or standard output for "-". Whole lines.
class OutputStream {
 public:
  explicit OutputStream(const std::string& path)
      : file_(path == "-" ? stdout : std::fopen(path.c_str(), "wb")) {}
  ~OutputStream() {
    if (file_ != nullptr && file_ != stdout) std::fclose(file_);
  }
  OutputStream(const OutputStream&) = delete;
  OutputStream& operator=(const OutputStream&) = delete;

  [[nodiscard]] bool open() const { return file_ != nullptr; }
  bool Write(std::string_view text) { return std::fwrite(text.data(), 1, text.size(), file_) == text.size(); }
  bool Flush() { return std::fflush(file_) == 0; }

 private:
  std::FILE* file_;
};

int Fail(int code, const std::string& text) {
  std::fprintf(stderr, "tocsin generate traffic: %s\n", text.c_str());
  return code;
}

// The library takes -1 for the largest there is, and what is larger as well.
std::string IsSeed(const std::string& text) {
  uint64_t seed = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (wrong == std::errc() && end == text.data() + text.size()) return {};
  return "must be a whole number from 0 to 18446744073709551615";
}

int Traffic(const TrafficArguments& arguments) {
  TrafficOptions options{.accounts = arguments.accounts,
                         .days = arguments.days,
                         .seed = arguments.seed,
                         .new_accounts = arguments.new_accounts};
  Result<std::vector<generate::AttackKind>> attacks = generate::ParseAttacks(arguments.attacks);
  if (!attacks) return Fail(kExitUsage, "--attacks: " + attacks.error().ToString());
  options.attacks = *std::move(attacks);
  const auto start = ParseRfc3339(arguments.start + "T00:00:00Z");
  if (!start || *start + std::chrono::hours(24) * arguments.days > kTimestampMax)
    return Fail(kExitUsage, "--start: not a date as 2026-01-05");
  options.start = *start;

  OutputStream events(arguments.out);
  if (!events.open()) return Fail(kExitUnavailable, "--out: cannot be written");
  OutputStream labels(arguments.labels.empty() ? "/dev/null" : arguments.labels);
  if (!labels.open()) return Fail(kExitUnavailable, "--labels: cannot be written");

  const bool terminal = ::isatty(STDERR_FILENO) != 0 && arguments.out != "-";
  generate::TrafficSinks sinks{.write = [&](std::string_view text) { return events.Write(text); },
                               .write_label = [&](std::string_view text) { return labels.Write(text); }};
  sinks.progress = [&](int day) {
    if (terminal) std::fprintf(stderr, "\rday %d of %d ", day + 1, arguments.days);
  };
  const bool written = GenerateTraffic(options, sinks) && events.Flush() && labels.Flush();
  if (terminal) std::fprintf(stderr, "\r%30s\r", "");
  return written ? kExitOk
                 : Fail(kExitUnavailable, "could not be written: is the disk full, or the reader gone?");
}

}  // namespace

RegisteredCommand AddGenerateTraffic(CLI::App& parent) {
  auto arguments = std::make_shared<TrafficArguments>();
  CLI::App* command =
      parent.add_subcommand("traffic", "Events of a made-up population, with labelled attacks, as NDJSON");
  command->add_option("--accounts", arguments->accounts, "How many accounts")
      ->check(CLI::Range(1, 9'999'999))
      ->capture_default_str();
  command->add_option("--days", arguments->days, "How many days")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
  command->add_option("--seed", arguments->seed, "Equal seeds give equal bytes")
      ->check(IsSeed, "", "seed")
      ->capture_default_str();
  std::string kinds = "Kinds of attack, comma separated; all; none. There are: ";
  for (const generate::AttackInfo& info : generate::AttackCatalogue()) {
    kinds.append(info.kind == generate::AttackKind{} ? "" : ", ").append(info.name);
  }
  command->add_option("--attacks", arguments->attacks, kinds)->capture_default_str();
  command
      ->add_option("--new-accounts", arguments->new_accounts,
                   "Share of the accounts that are opened on one of the days")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_option("--labels", arguments->labels, "Write what the attacks were here, as NDJSON");
  command->add_option("--start", arguments->start, "First day, in UTC")->capture_default_str();
  command->add_option("--out", arguments->out, "Write the events here; - is standard output")
      ->capture_default_str();
  return {command, [arguments] { return Traffic(*arguments); }};
}

}  // namespace tocsin::daemon
