#include "daemon/cli/asyncapi.h"

#include <algorithm>
#include <string_view>

#include "base/check.h"
#include "embedded/schema_files.h"

namespace tocsin::daemon {
namespace {

constexpr std::string_view kReference = "{$ref: \"./json/";
constexpr std::string_view kEnding = ".schema.json\"}";
constexpr std::string_view kOwn = "\"#/definitions/";

std::string_view TakeLine(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

// The schema as YAML takes it behind a key: JSON, indented. It is no document of its own here, so what names
// it as one is left out, and its references begin at the root.
void AppendSchema(std::string& out, std::string_view name, size_t indent) {
  std::string_view schema = embedded::schema_files("json/" + std::string(name) + ".schema.json");
  CHECK(!schema.empty());
  const std::string definitions = "\"#/components/schemas/" + std::string(name) + "/schema/definitions/";
  for (bool first = true; !schema.empty(); first = false) {
    std::string_view line = TakeLine(schema);
    if (line.starts_with("  \"$schema\":") || line.starts_with("  \"$id\":")) continue;
    if (!first) out.append("\n").append(indent, ' ');
    for (size_t at = line.find(kOwn); at != std::string_view::npos; at = line.find(kOwn)) {
      out.append(line.substr(0, at)).append(definitions);
      line.remove_prefix(at + kOwn.size());
    }
    out.append(line);
  }
}

}  // namespace

std::string AsyncApiDocument() {
  std::string_view text = embedded::schema_files("asyncapi.yaml");
  std::string out;
  while (!text.empty()) {
    const std::string_view line = TakeLine(text);
    const size_t at = line.find(kReference);
    if (at == std::string_view::npos) {
      out.append(line).append("\n");
      continue;
    }
    out.append(line.substr(0, at));
    const std::string_view name = line.substr(at + kReference.size());
    AppendSchema(out, name.substr(0, name.find(kEnding)), line.find_first_not_of(' ') + 2);
    out.append("\n");
  }
  return out;
}

}  // namespace tocsin::daemon
