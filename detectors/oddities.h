// What is odd about a use, whoever it is: shared by device_tampered, locale_mismatch and the learner. Whether
// it always was so is Habits' business.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "detectors/account_state.h"
#include "detectors/novelty.h"
#include "schemas/event.h"

namespace tocsin::detectors {

struct Context;

// Bit n: Oddity n.
using OdditySet = uint32_t;
[[nodiscard]] constexpr OdditySet Bit(Oddity oddity) { return 1U << static_cast<unsigned>(oddity); }
[[nodiscard]] constexpr bool Has(OdditySet set, Oddity oddity) { return (set & Bit(oddity)) != 0; }

// "emulator", "rooted", …: the discriminator of device_tampered's claims. Stored in cases: never renamed.
[[nodiscard]] std::string_view CodeOf(Oddity oddity);

// Of the device. An emulator is not counted as rooted as well. What an id was before is judged by the devices
// the account knows; a version by what was seen at least a sitting (kUseGrain) before, so that the order in
// which the events of a sitting arrive does not decide.
[[nodiscard]] OdditySet DeviceOddities(const schemas::Event& event, const AccountState& state,
                                       const Context& context);

// A version that is lower than before under the same id: "iOS" 16, before 17. `of` points into the event.
struct VersionStep {
  std::string_view of;
  int now = 0;
  int before = 0;
};
[[nodiscard]] std::optional<VersionStep> VersionBack(const schemas::Event& event, const AccountState& state);

// The client's time zone is this far off every clock of the place's country; nullopt when one of the two is
// not known. Announced travel is 0: who is on a journey may keep the time of home.
[[nodiscard]] std::optional<std::chrono::minutes> ZoneOff(const schemas::Event& event,
                                                          const AccountState& state);
// From here on the two contradict each other.
inline constexpr std::chrono::minutes kZoneOffMin{180};

// All of them.
[[nodiscard]] OdditySet OdditiesOf(const schemas::Event& event, const AccountState& state,
                                   const Context& context);

// Whether it is the account's habit, at the event; index into Habits::oddities.
[[nodiscard]] NoveltyResult OddityNovelty(Oddity oddity, const schemas::Event& event,
                                          const AccountState& state);

}  // namespace tocsin::detectors
