// tocsin support-bundle: what somebody far away needs to help, in one file, without secrets and without a
// word about any account.
#include <CLI/CLI.hpp>

#include <sys/utsname.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "daemon/cli/admin_options.h"
#include "daemon/cli/operator_commands.h"
#include "daemon/cli/standard_output.h"
#include "daemon/cli/tar.h"
#include "daemon/config/memory_budget.h"
#include "daemon/config/print_config.h"
#include "daemon/doctor/doctor.h"
#include "daemon/version.h"

namespace tocsin::daemon {
namespace {

struct BundleArguments {
  AdminArguments admin;
  std::string config;
  std::string metrics;
  std::string out = "tocsin-support.tar";
  bool without_doctor = false;
};

std::string MachineText() {
  utsname names{};
  ::uname(&names);
  return std::string("kernel ") + names.release + " " + names.machine + "\nmemory limit " +
         std::to_string(MemoryLimit({}) >> 20U) + " MiB\n";
}

int Run(const BundleArguments& arguments) {
  const Timestamp now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  std::string tar;
  std::string missing;
  const auto add = [&](const char* name, const std::string& text) {
    AppendToTar(tar, std::string("tocsin-support/") + name, text, now);
  };
  const auto add_answer = [&](const char* name, const Result<std::string>& answer) {
    if (answer) {
      add(name, *answer + "\n");
    } else {
      missing.append(name).append(": ").append(answer.error().ToString()).append("\n");
    }
  };
  add("version.txt", std::string("tocsin ") + kProgramVersion + "\n");
  add("machine.txt", MachineText());

  Result<LoadedConfig> loaded = LoadConfig(arguments.config);
  std::string metrics = arguments.metrics;
  AdminArguments admin = arguments.admin;
  if (!loaded) {
    missing.append("config.yaml: ").append(loaded.error().ToString()).append("\n");
  } else {
    add("config.yaml", ConfigYaml(loaded->config));
    DoctorOptions options;
    if (arguments.without_doctor) options.skip = {"kafka", "delivery"};
    add("doctor.json", DiagnosesJson(Examine(*loaded, arguments.config, options, now)));
    if (metrics.empty()) metrics = "http://" + loaded->config.http.metrics_listen;
  }
  add_answer("metrics.txt", AdminGet({.url = metrics, .token = {}}, "/metrics"));
  if (Result<AdminTarget> target = TargetOf(admin); target && !target->token.empty()) {
    add_answer("status.json", AdminGet(*target, "/admin/v1/status"));
    add_answer("running-config.yaml", AdminGet(*target, "/admin/v1/config"));
    add_answer("logs.json", AdminGet(*target, "/admin/v1/logs"));
    add_answer("audit.json", AdminGet(*target, "/admin/v1/audit?limit=1000"));
    add_answer("erasures.json", AdminGet(*target, "/admin/v1/erasures?limit=1000"));
  } else {
    missing += "status, running configuration, logs, audit: no token (--token-file)\n";
  }
  add("missing.txt", missing);
  FinishTar(tar);

  if (arguments.out == "-") return WriteOut(tar);
  std::ofstream file(arguments.out, std::ios::binary | std::ios::trunc);
  file.write(tar.data(), static_cast<std::streamsize>(tar.size()));
  file.close();
  if (!file.good())
    return FailAs("support-bundle", {ErrorCode::kUnavailable, arguments.out, "cannot be written"});
  std::fprintf(stderr, "tocsin support-bundle: %s written\n%s", arguments.out.c_str(), missing.c_str());
  return kExitOk;
}

}  // namespace

RegisteredCommand AddSupportBundle(CLI::App& app) {
  auto arguments = std::make_shared<BundleArguments>();
  CLI::App* command = app.add_subcommand(
      "support-bundle", "One tar file for who is asked for help: no secrets, and nothing of any account");
  command->footer(
      "In it: version, machine, configuration (secrets are null), what the doctor says, /metrics, and with a "
      "token\n"
      "the running daemon's status, configuration, newest log lines and audit log. Look into it: tar tvf "
      "FILE.");
  command->add_option("--config", arguments->config, "The daemon's configuration");
  command->add_option("--out", arguments->out, "The file; - is standard output");
  command->add_option("--metrics", arguments->metrics, "Where /metrics is; else as the configuration says");
  command->add_flag("--no-connections", arguments->without_doctor,
                    "The doctor reaches neither Kafka nor receivers");
  AddAdminOptions(*command, arguments->admin);
  return {command, [arguments] { return Run(*arguments); }};
}

}  // namespace tocsin::daemon
