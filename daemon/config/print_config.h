// The configuration as text, made from the rows that the parser is made from.
#pragma once

#include <string>

namespace tocsin::daemon {

struct Config;

// The defaults as YAML with a comment for every key (`tocsin generate config`), and the JSON Schema of the
// file.
[[nodiscard]] std::string DefaultConfigYaml();
[[nodiscard]] std::string ConfigJsonSchema();
// The reference as a page of Markdown (docs/configuration.md).
[[nodiscard]] std::string ConfigReference();
// A configuration in the same form, without comments: for people who ask for help. Secrets are null, and so
// are the further properties of the Kafka client.
[[nodiscard]] std::string ConfigYaml(const Config& config);

}  // namespace tocsin::daemon
