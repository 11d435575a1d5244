#include "schemas/attack_names.h"

#include <algorithm>
#include <iterator>

namespace tocsin::schemas {
namespace {

constexpr AttackName kNames[] = {
    {"T1078", "Valid Accounts", "", ""},
    {"T1090", "Proxy", "TA0011", "Command and Control"},
    {"T1090.003", "Multi-hop Proxy", "", ""},
    {"T1098", "Account Manipulation", "", ""},
    {"T1110", "Brute Force", "TA0006", "Credential Access"},
    {"T1110.001", "Password Guessing", "", ""},
    {"T1539", "Steal Web Session Cookie", "TA0006", "Credential Access"},
    {"T1556", "Modify Authentication Process", "", ""},
    {"T1556.006", "Multi-Factor Authentication", "", ""},
    {"T1583", "Acquire Infrastructure", "TA0042", "Resource Development"},
    {"T1583.003", "Virtual Private Server", "", ""},
    {"T1586", "Compromise Accounts", "TA0042", "Resource Development"},
    {"T1621", "Multi-Factor Authentication Request Generation", "TA0006", "Credential Access"},
    {"T1633", "Virtualization/Sandbox Evasion", "TA0030", "Defense Evasion"},  // Of the mobile matrix.
};

}  // namespace

const AttackName* FindAttack(std::string_view uid) {
  const AttackName* const found = std::ranges::find(kNames, uid, &AttackName::uid);
  return found == std::end(kNames) ? nullptr : found;
}

}  // namespace tocsin::schemas
