// tocsin generate: what the program carries in itself, and traffic to try it with.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

#include "daemon/cli/command.h"
#include "daemon/cli/generate_traffic.h"
#include "daemon/config/config.h"
#include "daemon/metrics/catalogue.h"
#include "embedded/schema_files.h"

namespace tocsin::daemon {
namespace {

int Print(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? kExitOk : kExitUnavailable;
}

// Without a name, the list of names; "config" is the configuration's own schema.
int PrintSchema(const std::string& name) {
  if (name == "config") return Print(ConfigJsonSchema());
  for (const auto& [file, text] : embedded::schema_files_all()) {
    if (!name.empty() && file.ends_with("/" + name + ".schema.json")) return Print(text);
    if (!name.empty() && file == name + ".schema.json") return Print(text);
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
  return Print(names);
}

}  // namespace

RegisteredCommand AddGenerate(CLI::App& app) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "generate", "Prints the default configuration, a schema, the metrics; makes traffic");
  command->require_subcommand(1);
  CLI::App* config = command->add_subcommand("config", "Every key with its default, commented");
  CLI::App* schema =
      command->add_subcommand("schema", "The JSON Schema of an event, an output or the configuration");
  schema->add_option("name", *name, "login, transaction, …, config; without it, all names");
  CLI::App* metrics = command->add_subcommand("metrics", "Every metric with its kind, labels and meaning");
  const RegisteredCommand traffic = AddGenerateTraffic(*command);
  return {command, [config, schema, metrics, name, traffic] {
            if (traffic.app->parsed()) return traffic.run();
            if (config->parsed()) return Print(DefaultConfigYaml());
            if (schema->parsed()) return PrintSchema(*name);
            if (metrics->parsed()) return Print(MetricsPage());
            return kExitUsage;
          }};
}

}  // namespace tocsin::daemon
