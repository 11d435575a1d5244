#include "daemon/cli/reload_text.h"

#include <charconv>
#include <map>

#include "daemon/config/load_config.h"
#include "daemon/config/problem_place.h"
#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

using Members = std::map<std::string, std::string, std::less<>>;

std::string Of(const Members& members, std::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? std::string() : found->second;
}

ConfigProblem ProblemOf(const Members& read) {
  ConfigProblem problem{
      .key = Of(read, "key"), .text = Of(read, "text"), .warning = Of(read, "warning") == "true"};
  const auto number = [&read](std::string_view name, int& out) {
    const std::string text = Of(read, name);
    std::from_chars(text.data(), text.data() + text.size(), out);
  };
  number("line", problem.line);
  number("column", problem.column);
  return problem;
}

}  // namespace

std::string ReloadText(std::string_view json, bool taken) {
  const Members whole = schemas::PlainMembers(json);
  const std::string file = Of(whole, "file");
  std::string text;
  for (const std::string& element : schemas::ArrayMember(json, "problems")) {
    const ConfigProblem problem = ProblemOf(schemas::PlainMembers(element));
    if (!file.empty()) text += PlaceIn(file, problem) + ": ";
    text += (problem.warning ? "warning: " : "error: ") + problem.Sentence() + "\n";
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
