// A population's events, day by day: tocsin generate traffic.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "daemon/generate/attacks.h"

namespace tocsin::daemon::generate {

struct TrafficOptions {
  uint32_t accounts = 1000;  // 1 to 9,999,999.
  int days = 28;             // 1 to 3650.
  uint64_t seed = 1;
  Timestamp start = FromMillis(1'767'571'200'000);  // Midnight UTC, a Monday: 2026-01-05.
  std::vector<AttackKind> attacks;                  // Kinds to mix in; empty: none.
  double new_accounts = 0;  // Share of the accounts that are opened on one of the days; the others are older.
};

// All kinds, those in a comma-separated list of names, or none ("none"). kInvalid names the one that is not
// known.
[[nodiscard]] Result<std::vector<AttackKind>> ParseAttacks(std::string_view list);

// Writes events as NDJSON in the order in which they arrive: that of their times but for the few that are
// late or come twice. Equal options give equal bytes. About 3.5 events for each account and day; memory for
// two days of them.
//
// About three accounts in a hundred are attacked, once each, when owners are known: after 14 days, or in the
// second half of shorter traffic. Accounts that are opened meanwhile are attacked from the day after that on.
// Every kind asked for occurs, as long as the accounts suffice; dormant_reactivation needs 104 days, and an
// account that was there before.
//
// `write` and `write_label` get whole lines and answer whether to go on. `progress` hears of each day that is
// written.
struct TrafficSinks {
  std::function<bool(std::string_view)> write;
  std::function<bool(std::string_view)> write_label;
  std::function<void(int day)> progress = [](int) {};
};
// False when a sink said stop.
[[nodiscard]] bool GenerateTraffic(const TrafficOptions& options, const TrafficSinks& sinks);

}  // namespace tocsin::daemon::generate
