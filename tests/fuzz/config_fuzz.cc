// Any bytes as a configuration. Beyond not crashing and not taking long:
//   - every problem has a text, and names a line that the file has;
//   - a file without problems is used as it was read: its rules can be hashed, and reading it again gives the
//   same hash;
//   - no problem repeats a value that stands where secrets stand.
#include <algorithm>
#include <string>

#include "base/check.h"
#include "daemon/config/load_config.h"

namespace {

using tocsin::daemon::ConfigProblem;
using tocsin::daemon::LoadedConfig;
using tocsin::daemon::ParseConfig;

// Relative paths of secrets lead nowhere.
constexpr const char* kDirectory = "no-such-directory";

void CheckProblem(const ConfigProblem& problem, int lines) {
  CHECK(!problem.text.empty());
  CHECK(problem.line >= 0 && problem.line <= lines + 1);
  CHECK(problem.column >= 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view yaml(reinterpret_cast<const char*>(data), size);
  const LoadedConfig loaded = ParseConfig(yaml, kDirectory);
  const auto lines = 1 + static_cast<int>(std::count(yaml.begin(), yaml.end(), '\n'));
  for (const ConfigProblem& problem : loaded.problems) CheckProblem(problem, lines);
  if (!loaded.valid()) return 0;
  CHECK(loaded.config.rules_hash.size() == 16);
  CHECK(ParseConfig(yaml, kDirectory).config.rules_hash == loaded.config.rules_hash);
  return 0;
}
