// The expressions of uap-core (third_party/uap-core) as plain values: what they match and what they make of
// it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace tocsin::daemon {

// One `regex` of the file. Replacements are empty where the file has none; "$1"…"$9" in them stand for
// groups.
struct UserAgentRule {
  std::string expression;
  bool ignore_case = false;
  std::string family;  // family_replacement, os_replacement or device_replacement; else group 1.
  std::string major;   // v1_replacement or os_v1_replacement; else group 2.
  std::string brand;   // Of devices.
  std::string model;   // Of devices; else group 1.
};

// In the file's order: the first that matches wins.
struct UserAgentRules {
  std::vector<UserAgentRule> browsers;
  std::vector<UserAgentRule> systems;
  std::vector<UserAgentRule> devices;

  // Asked after all that are here.
  void Append(UserAgentRules more);
};

// A list that is missing is empty. kInvalid when the text is not YAML of uap-core's form, or has no list at
// all.
Result<UserAgentRules> ParseUserAgentRules(std::string_view yaml);

}  // namespace tocsin::daemon
