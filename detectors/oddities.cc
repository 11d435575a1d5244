#include "detectors/oddities.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/time_zone.h"
#include "detectors/asked.h"
#include "detectors/country_zones.h"

namespace tocsin::detectors {
namespace {

using schemas::Event;

// Systems that call themselves by each other's names now and then (a tablet that asks for the desktop's
// pages) are one kind.
enum class System : uint8_t { kUnknown, kApple, kLinux, kWindows };

System SystemOf(std::string_view os_family) {
  if (os_family == "iOS" || os_family == "macOS" || os_family == "Mac OS X") return System::kApple;
  if (os_family == "Android" || os_family == "Linux" || os_family == "Chrome OS" || os_family == "Ubuntu")
    return System::kLinux;
  if (os_family.starts_with("Windows")) return System::kWindows;
  return System::kUnknown;
}

// Browsers that are on one system only, or on all but one.
bool IsImpossible(std::string_view os, std::string_view browser) {
  const auto one_of = [&](std::initializer_list<std::string_view> families) {
    return std::find(families.begin(), families.end(), browser) != families.end();
  };
  const auto on_ios = [&] {
    return one_of({"Mobile Safari", "Mobile Safari UI/WKWebView", "Chrome Mobile iOS", "Firefox iOS"});
  };
  const auto on_android = [&] {
    return one_of({"Chrome Mobile", "Chrome Mobile WebView", "Samsung Internet", "Firefox Mobile"});
  };
  if (os == "iOS") return on_android() || one_of({"Chrome", "Firefox", "Edge", "IE"});
  if (os == "Android") return on_ios() || one_of({"Safari", "IE"});
  if (os.starts_with("Windows")) return on_ios() || on_android() || browser == "Safari";
  return os == "macOS" && (on_android() || browser == "IE");
}

std::optional<VersionStep> StepBack(const KnownDevice& known, const schemas::Device& device) {
  const auto lower = [](int now, int before) { return now > 0 && now < before; };
  if (known.os_family == device.os_family && lower(device.os_major, known.os_major))
    return VersionStep{.of = device.os_family, .now = device.os_major, .before = known.os_major};
  if (known.browser_family == KeptDeviceText(device.browser_family) && !device.browser_family.empty() &&
      lower(device.browser_major, known.browser_major))
    return VersionStep{
        .of = device.browser_family, .now = device.browser_major, .before = known.browser_major};
  return std::nullopt;
}

OdditySet AgainstKnown(const Event& event, const AccountState& state, const Context& context) {
  const schemas::Device& device = event.facts.device;
  const DeviceMatch match = MatchDevice(event, state, context);
  if (match.exact == NoveltyResult::kNone) return 0;
  const KnownDevice& known = state.devices().known[match.exact];
  if (SeenAt(known.tenure, event.occurred_at, event.event_id.view(), ForgottenAfter(event, state)) !=
      Seen::kKnown)
    return 0;
  OdditySet odd = 0;
  const System before = SystemOf(known.os_family);
  const System now = SystemOf(device.os_family);
  if (before != System::kUnknown && now != System::kUnknown && before != now)
    odd |= Bit(Oddity::kOtherSystem);
  if (event.occurred_at >= known.tenure.last_seen + kUseGrain && StepBack(known, device))
    odd |= Bit(Oddity::kVersionBack);
  return odd;
}

}  // namespace

std::string_view CodeOf(Oddity oddity) {
  constexpr std::array<std::string_view, 6> kCodes = {"emulator",     "rooted",       "two_systems",
                                                      "other_system", "version_back", "zone_elsewhere"};
  return kCodes[static_cast<size_t>(oddity)];
}

OdditySet DeviceOddities(const Event& event, const AccountState& state, const Context& context) {
  const schemas::Device& device = event.facts.device;
  if (!device.known()) return 0;
  OdditySet odd = 0;
  if (device.emulator) {
    odd |= Bit(Oddity::kEmulator);
  } else if (device.rooted) {
    odd |= Bit(Oddity::kRooted);
  }
  if (IsImpossible(device.os_family, device.browser_family)) odd |= Bit(Oddity::kTwoSystems);
  if (!device.id.empty()) odd |= AgainstKnown(event, state, context);
  return odd;
}

std::optional<VersionStep> VersionBack(const Event& event, const AccountState& state) {
  const size_t index = MatchDevice(event, state).exact;
  if (index == NoveltyResult::kNone) return std::nullopt;
  return StepBack(state.devices().known[index], event.facts.device);
}

std::optional<std::chrono::minutes> ZoneOff(const Event& event, const AccountState& state) {
  const schemas::Place& place = event.facts.place;
  if (event.timezone.empty() || !place.known()) return std::nullopt;
  if (IsZoneOf(place.country, event.timezone)) return std::chrono::minutes(0);
  const std::optional<TimeZone> zone = TimeZone::Find(event.timezone);
  if (!zone) return std::nullopt;
  const auto off = OffClocksOf(place.country, zone->ToLocal(event.occurred_at).offset, event.occurred_at);
  if (off && *off >= kZoneOffMin && IsAnnouncedTravel(event, state)) return std::chrono::minutes(0);
  return off;
}

OdditySet OdditiesOf(const Event& event, const AccountState& state, const Context& context) {
  OdditySet odd = DeviceOddities(event, state, context);
  if (event.login() == nullptr) return odd;
  if (const auto off = ZoneOff(event, state); off && *off >= kZoneOffMin) odd |= Bit(Oddity::kZoneElsewhere);
  return odd;
}

NoveltyResult OddityNovelty(Oddity oddity, const Event& event, const AccountState& state) {
  const Habits& habits = state.habits();
  const size_t index = habits.Find(oddity);
  if (index == habits.oddities.size()) return {.novelty = Novelty::kNew};
  switch (SeenAt(habits.oddities[index].tenure, event.occurred_at, event.event_id.view(),
                 ForgottenAfter(event, state))) {
    case Seen::kNot:
      break;
    case Seen::kKnown:
      return {.novelty = Novelty::kKnown, .index = index};
    case Seen::kPending:
      return {.novelty = Novelty::kPending, .index = index};
    case Seen::kRefused:
      return {.novelty = Novelty::kRefused, .index = index};
    case Seen::kLater:
      return {.novelty = Novelty::kNew, .index = index};
  }
  return {.novelty = Novelty::kNew};
}

}  // namespace tocsin::detectors
