// Is this device, place or network new to the account? One answer for every detector and learner that asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "detectors/account_state.h"
#include "schemas/event.h"

namespace tocsin::detectors {

enum class Novelty : uint8_t {
  kNotEvaluable,  // The event does not say; `why` tells.
  kKnown,
  kSimilar,  // Device: same family, version moved forward. Place: across a border but near a known one, or announced travel.
  kPending,  // New, and already waiting in quarantine.
  kRefused,  // The owner has said "not me" of it.
  kNew,
};

struct NoveltyResult {
  Novelty novelty = Novelty::kNotEvaluable;
  std::string_view why;   // For kNotEvaluable: a constant of verdict.h.
  size_t index = kNone;   // Of the entry that matches, in the segment's list.
  static constexpr size_t kNone = static_cast<size_t>(-1);

  // Not the account's own: new, waiting or refused.
  [[nodiscard]] bool strange() const { return novelty == Novelty::kNew || novelty == Novelty::kPending || novelty == Novelty::kRefused; }
};

// Device match has three answers: same (id; or id absent and same platform + model + families), similar (version moved
// forward), different. Raw user agents decide nothing.
[[nodiscard]] NoveltyResult DeviceNovelty(const schemas::Event& event, const AccountState& state);
// Country unseen in 90 d (decayed).
[[nodiscard]] NoveltyResult CountryNovelty(const schemas::Event& event, const AccountState& state);
// Autonomous system unseen in 90 d.
[[nodiscard]] NoveltyResult NetworkNovelty(const schemas::Event& event, const AccountState& state);

// Stable hash of the device's identity (id, else platform + model + families); 0 when unknown.
[[nodiscard]] uint64_t DeviceKey(const schemas::Device& device);
// Stable hash of the address; 0 when there is none.
[[nodiscard]] uint64_t AddressHash(const schemas::Network& network);

// "Kunming, CN", "Yunnan, CN", "CN": the most exact that is known, cleaned; for reasons and lists.
[[nodiscard]] std::string PlaceLabel(const schemas::Place& place);
// "Chrome on Windows", "Pixel 8 (Android)": for people, cleaned.
[[nodiscard]] std::string DeviceLabel(const schemas::Device& device);

}  // namespace tocsin::detectors
