#include "daemon/cli/reload_text.h"

#include <map>

#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

using Members = std::map<std::string, std::string, std::less<>>;

std::string Of(const Members& members, std::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? std::string() : found->second;
}

}  // namespace

std::string ReloadText(std::string_view json, bool taken) {
  const Members whole = schemas::PlainMembers(json);
  const std::string file = Of(whole, "file");
  std::string text;
  for (const std::string& element : schemas::ArrayMember(json, "problems")) {
    const Members problem = schemas::PlainMembers(element);
    const std::string key = Of(problem, "key");
    // "0": of no place in the file.
    const std::string line = Of(problem, "line");
    if (!file.empty() && line != "0") text += file + ":" + line + ":" + Of(problem, "column") + ": ";
    if (!file.empty() && line == "0") text += file + ": ";
    text += Of(problem, "warning") == "true" ? "warning: " : "error: ";
    text += (key.empty() ? "" : key + ": ") + Of(problem, "text") + "\n";
  }
  if (!taken) return text + "refused: the old rules stay (" + Of(whole, "rules") + ")\n";
  for (const std::string& element : schemas::ArrayMember(json, "changed")) {
    const Members one = schemas::PlainMembers(element);
    text += Of(one, "key");
    if (one.contains("was") || one.contains("is")) text += ": " + Of(one, "was") + " is now " + Of(one, "is");
    text += Of(one, "applies") == "now" ? "\n" : " (after a restart)\n";
  }
  return text + "taken over: rules " + Of(whole, "rules") + " are in use\n";
}

}  // namespace tocsin::daemon
