// tocsin generate: what the program carries in itself, and traffic to try it with.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/cli/asyncapi.h"
#include "daemon/cli/command.h"
#include "daemon/cli/describe.h"
#include "daemon/cli/generate_traffic.h"
#include "daemon/cli/standard_output.h"
#include "daemon/config/print_config.h"
#include "daemon/metrics/catalogue.h"
#include "daemon/version.h"
#include "embedded/operators_files.h"
#include "embedded/schema_files.h"

namespace tocsin::daemon {
namespace {

// Without a name, the list of names; "config" is the configuration's own schema.
int PrintSchema(const std::string& name) {
  if (name == "config") return WriteOut(ConfigJsonSchema());
  for (const auto& [file, text] : embedded::schema_files_all()) {
    if (!name.empty() && file.ends_with("/" + name + ".schema.json")) return WriteOut(text);
    if (!name.empty() && file == name + ".schema.json") return WriteOut(text);
  }
  if (!name.empty()) {
    std::fprintf(stderr,
                 "tocsin generate schema: there is no schema of that name; without a name, all are listed\n");
    return kExitUsage;
  }
  std::string names = "config\n";
  for (const auto& [file, text] : embedded::schema_files_all()) {
    const size_t slash = file.rfind('/');
    const std::string_view base = slash == std::string_view::npos ? file : file.substr(slash + 1);
    if (base.ends_with(".schema.json")) names.append(base.substr(0, base.size() - 12)).append("\n");
  }
  return WriteOut(names);
}

int PrintEnding(std::span<const std::pair<std::string_view, std::string_view>> files,
                std::string_view ending) {
  for (const auto& [file, text] : files) {
    if (file.ends_with(ending)) return WriteOut(text);
  }
  return kExitUsage;
}

// Without a name, the list of names.
int PrintDashboard(const std::string& name) {
  if (name.empty()) {
    std::string names;
    for (const auto& [file, text] : embedded::operators_files_all()) {
      if (!file.ends_with(".json")) continue;
      const std::string_view base = file.substr(file.rfind("/tocsin-") + 8);
      names.append(base.substr(0, base.size() - 5)).append("\n");
    }
    return WriteOut(names);
  }
  const int printed = PrintEnding(embedded::operators_files_all(), "/tocsin-" + name + ".json");
  if (printed == kExitUsage) {
    std::fprintf(
        stderr,
        "tocsin generate dashboards: there is no dashboard of that name; without a name, all are listed\n");
  }
  return printed;
}

}  // namespace

RegisteredCommand AddGenerate(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "generate",
      "Prints what the program brings along: configuration, schemas, dashboards, alerts, completion; makes "
      "traffic");
  command->require_subcommand(1);
  CLI::App* config = command->add_subcommand("config", "Every key with its default, commented");
  CLI::App* reference =
      command->add_subcommand("reference", "The same as a page of Markdown (docs/configuration.md)");
  CLI::App* schema =
      command->add_subcommand("schema", "The JSON Schema of an event, an output or the configuration");
  schema->add_option("name", *name, "login, transaction, …, config; without it, all names");
  CLI::App* asyncapi =
      command->add_subcommand("asyncapi", "The topics and what is on them, as an AsyncAPI document");
  CLI::App* dashboards = command->add_subcommand("dashboards", "A dashboard for Grafana");
  dashboards->add_option("name", *name, "overview, pipeline, …; without it, all names");
  CLI::App* alerts = command->add_subcommand("alerts", "Recording and alert rules for Prometheus");
  CLI::App* metrics = command->add_subcommand("metrics", "Every metric with its kind, labels and meaning");
  auto shell = std::make_shared<std::string>();
  CLI::App* completion =
      command->add_subcommand("completion", "What a shell needs to complete tocsin's commands");
  completion->add_option("shell", *shell, "The shell")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  CLI::App* manual = command->add_subcommand("man", "The manual page, for man(1)");
  const RegisteredCommand traffic = AddGenerateTraffic(*command);
  return {command, [=, root = &app] {
            if (traffic.app->parsed()) return traffic.run();
            if (config->parsed()) return WriteOut(DefaultConfigYaml());
            if (reference->parsed()) return WriteOut(ConfigReference());
            if (schema->parsed()) return PrintSchema(*name);
            if (metrics->parsed()) return WriteOut(MetricsPage());
            if (asyncapi->parsed()) return WriteOut(AsyncApiDocument());
            if (dashboards->parsed()) return PrintDashboard(*name);
            if (alerts->parsed()) return PrintEnding(embedded::operators_files_all(), "/alerts.yaml");
            if (completion->parsed()) return WriteOut(CompletionFor(*shell, *root));
            if (manual->parsed()) return WriteOut(ManualPage(*root, kProgramVersion));
            return kExitUsage;
          }};
}

}  // namespace tocsin::daemon
