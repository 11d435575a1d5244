// Text that strangers can choose (names of people and of devices), as an owner may read it: cleaned, and with
// nothing in it that could be dialled. A message of ours that says "call +1 888 555 0199" is believed.
//
// Thread safety: pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tocsin::alerts {

// CleanText (base/text.h), then "…" for every run of seven digits or more, with what is written between the
// digits of telephone numbers; "tel:" goes. Stay: up to eight digits in a row with a letter beside them
// ("SM-G998B", "22101316G", "iPhone14,2") and amounts of money, days and masked addresses as detectors write
// them ("CNY 268000.00 in 2026-01-15", "203.0.113.*").
[[nodiscard]] std::string OwnerText(std::string_view text, size_t code_points_max = 60);

}  // namespace tocsin::alerts
