#include "daemon/detection/profiles.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/money.h"
#include "schemas/event.h"

namespace tocsin::daemon {

using detectors::Limit;

std::optional<Profile> ProfileFromName(std::string_view name) {
  if (name == "mas-srf") return Profile::kMasSrf;
  if (name == "psd2-art18") return Profile::kPsd2Art18;
  if (name == "npci-p2p") return Profile::kNpciP2p;
  return std::nullopt;
}

// Person to person: 25 receipts or INR 400,000 in 24 h, those below INR 2,000 apart; never more than 50.
std::vector<Limit> ReceiptLimits() {
  const Currency rupee = Currency::Find("INR").value_or(Currency());
  Limit receipts{.name = "npci-p2p-receipts",
                 .kinds = {schemas::TransactionKind::kTransfer},
                 .direction = schemas::Direction::kIn,
                 .window = Limit::Window::kRolling,
                 .rolling = std::chrono::hours(24),
                 .max = Money{.minor = 400'000'00, .currency = rupee},
                 .max_count = 25,
                 .min = Money{.minor = 2'000'00, .currency = rupee}};
  Limit most = receipts;
  most.name = "npci-p2p-receipts-most";
  most.max.reset();
  most.min.reset();
  most.max_count = 50;
  return {std::move(receipts), std::move(most)};
}

void AddProfileLimits(std::span<const Profile> profiles, detectors::LimitTable& table) {
  if (std::ranges::find(profiles, Profile::kNpciP2p) == profiles.end()) return;
  for (Limit& limit : ReceiptLimits()) {
    const auto same = [&](const Limit& known) { return known.name == limit.name; };
    if (std::ranges::none_of(table.limits, same)) table.limits.push_back(std::move(limit));
  }
}

}  // namespace tocsin::daemon
