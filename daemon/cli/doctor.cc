// tocsin doctor: reaches everything the daemon depends on, and says what is wrong and how to mend it.
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "daemon/cli/command.h"
#include "daemon/cli/standard_output.h"
#include "daemon/doctor/doctor.h"

namespace tocsin::daemon {
namespace {

struct DoctorArguments {
  std::string config;
  std::string format = "text";
  std::vector<std::string> skip;
  int timeout_seconds = 10;
  bool strict = false;
};

std::string_view Mark(Health health) {
  switch (health) {
    case Health::kGood:
      return "ok     ";
    case Health::kWarning:
      return "warning";
    case Health::kBad:
      return "BAD    ";
    case Health::kUnavailable:
      return "AWAY   ";
  }
  return "BAD    ";
}

std::string Text(const Diagnoses& diagnoses) {
  std::string out;
  for (const Diagnosis& one : diagnoses) {
    out.append(Mark(one.health)).append("  ").append(one.subject).append(": ").append(one.what).append("\n");
    if (!one.remedy.empty()) out.append("         mend: ").append(one.remedy).append("\n");
  }
  return out;
}

int ExitCodeOf(const Diagnoses& diagnoses, bool strict) {
  const auto any = [&](Health health) {
    return std::ranges::any_of(diagnoses, [health](const Diagnosis& one) { return one.health == health; });
  };
  if (any(Health::kBad)) return kExitConfig;
  if (any(Health::kUnavailable)) return kExitUnavailable;
  return strict && any(Health::kWarning) ? kExitProblem : kExitOk;
}

int Run(const DoctorArguments& arguments) {
  Result<LoadedConfig> loaded = LoadConfig(arguments.config);
  if (!loaded) {
    std::fprintf(stderr, "tocsin doctor: %s\n", loaded.error().ToString().c_str());
    return kExitConfig;
  }
  DoctorOptions options;
  options.skip.insert(arguments.skip.begin(), arguments.skip.end());
  options.timeout = std::chrono::seconds(arguments.timeout_seconds);
  const Timestamp now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  const Diagnoses diagnoses = Examine(*loaded, arguments.config, options, now);
  const std::string said = arguments.format == "json" ? DiagnosesJson(diagnoses) : Text(diagnoses);
  if (const int code = WriteOut(said); code != kExitOk) return code;
  return ExitCodeOf(diagnoses, arguments.strict);
}

}  // namespace

RegisteredCommand AddDoctor(CLI::App& app) {
  auto arguments = std::make_shared<DoctorArguments>();
  CLI::App* command = app.add_subcommand(
      "doctor", "Reaches everything the daemon depends on; says what is wrong and how to mend it");
  command->footer(
      "Nothing is made, changed or sent: a daemon may run meanwhile. Whether topics may be written to\n"
      "is tried by a transaction that is taken back before a record is sent. Exit code: 0 all is well,\n"
      "1 warnings with --strict, 69 a service does not answer, 78 the configuration or what it names is\n"
      "wrong.");
  command->add_option("--config", arguments->config, "Configuration; without it the built-in defaults");
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  const std::vector<std::string> areas(kDoctorAreas.begin(), kDoctorAreas.end());
  command->add_option("--skip", arguments->skip, "Areas to leave out: " + CLI::detail::join(areas, ", "))
      ->delimiter(',')
      ->check(CLI::IsMember(areas));
  command->add_option("--timeout", arguments->timeout_seconds, "Seconds for one connection")
      ->check(CLI::Range(1, 120));
  command->add_flag("--strict", arguments->strict, "Warnings count");
  return {command, [arguments] { return Run(*arguments); }};
}

}  // namespace tocsin::daemon
