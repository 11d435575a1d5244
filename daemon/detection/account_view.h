// What is remembered of an account, for people: the command line shows it, and an API can.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/detection/account.h"

namespace tocsin::daemon {

// Names and values of one thing, in the order in which they are read.
using ViewRow = std::vector<std::pair<std::string, std::string>>;
struct ViewSection {
  std::string name;  // "devices"
  std::vector<ViewRow> rows;
};

// Contacts are not shown; ids of devices, addresses and payees neither. Trust is as of the account's newest
// event. Sections without rows are left out.
[[nodiscard]] std::vector<ViewSection> ViewOf(const Account& account);

[[nodiscard]] std::string ViewText(const std::vector<ViewSection>& view);
// {"devices":[{"device":"iPhone 14","standing":"known",…}],…} and a line break.
[[nodiscard]] std::string ViewJson(const std::vector<ViewSection>& view);

}  // namespace tocsin::daemon
