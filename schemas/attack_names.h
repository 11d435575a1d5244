// What MITRE ATT&CK calls the techniques that detectors name.
#pragma once

#include <string_view>

namespace tocsin::schemas {

// The version of ATT&CK that the names are from.
inline constexpr std::string_view kAttackVersion = "17.1";

struct AttackName {
  std::string_view uid;   // "T1110" or "T1110.001".
  std::string_view name;  // "Brute Force"
  // Of a technique that serves one tactic; "" where ATT&CK lists several, or where the technique above says
  // it.
  std::string_view tactic_uid;  // "TA0006"
  std::string_view tactic;      // "Credential Access"
};

// nullptr for one that is not known.
[[nodiscard]] const AttackName* FindAttack(std::string_view uid);

}  // namespace tocsin::schemas
