// The only file of this folder that knows yaml-cpp.
#include "daemon/enrich/user_agent_rules.h"

#include <yaml-cpp/yaml.h>

#include <exception>
#include <iterator>
#include <utility>

namespace tocsin::daemon {
namespace {

std::string TextOf(const YAML::Node& rule, const char* name) {
  const YAML::Node node = rule[name];
  return node && node.IsScalar() ? node.Scalar() : std::string();
}

std::vector<UserAgentRule> ReadList(const YAML::Node& list, const char* family, const char* major) {
  std::vector<UserAgentRule> rules;
  if (!list || !list.IsSequence()) return rules;
  rules.reserve(list.size());
  for (const YAML::Node& node : list) {
    UserAgentRule rule;
    rule.expression = TextOf(node, "regex");
    rule.ignore_case = TextOf(node, "regex_flag") == "i";
    rule.family = TextOf(node, family);
    if (*major != '\0') rule.major = TextOf(node, major);
    rule.brand = TextOf(node, "brand_replacement");
    rule.model = TextOf(node, "model_replacement");
    if (!rule.expression.empty()) rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace

void UserAgentRules::Append(UserAgentRules more) {
  const auto append = [](std::vector<UserAgentRule>& to, std::vector<UserAgentRule>& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  append(browsers, more.browsers);
  append(systems, more.systems);
  append(devices, more.devices);
}

Result<UserAgentRules> ParseUserAgentRules(std::string_view yaml) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    UserAgentRules rules{
        .browsers = ReadList(root["user_agent_parsers"], "family_replacement", "v1_replacement"),
        .systems = ReadList(root["os_parsers"], "os_replacement", "os_v1_replacement"),
        .devices = ReadList(root["device_parsers"], "device_replacement", ""),
    };
    if (rules.browsers.empty() && rules.systems.empty() && rules.devices.empty()) {
      return Error{ErrorCode::kInvalid, "user agent rules", "no list of expressions"};
    }
    return rules;
  } catch (const std::exception& error) {
    return Error{ErrorCode::kInvalid, "user agent rules", error.what()};
  }
}

}  // namespace tocsin::daemon
