#include "detectors/learning/learn_devices.h"

#include <algorithm>
#include <utility>

#include "detectors/learning/lesson.h"
#include "detectors/novelty.h"
#include "detectors/state/pool.h"

namespace tocsin::detectors {
namespace {

constexpr size_t kNone = NoveltyResult::kNone;

KnownDevice DeviceOf(const schemas::Device& device, Tenure tenure) {
  return {.id = KeptDeviceId(device.id),
          .platform = std::string(KeptDeviceText(device.platform)),
          .model = std::string(KeptDeviceText(device.model)),
          .os_family = std::string(KeptDeviceText(device.os_family)),
          .browser_family = std::string(KeptDeviceText(device.browser_family)),
          .os_major = std::max(device.os_major, 0),
          .browser_major = std::max(device.browser_major, 0),
          .emulator = device.emulator,
          .rooted = device.rooted,
          .tenure = std::move(tenure)};
}

bool IsNewer(const schemas::Device& device, const KnownDevice& known) {
  return device.os_major > known.os_major || device.browser_major > known.browser_major ||
         device.emulator != known.emulator || device.rooted != known.rooted;
}

void Fold(const schemas::Device& device, size_t index, const Lesson& lesson, Millis forgotten_after,
          AccountState& state) {
  const KnownDevice& known = state.devices().known[index];
  Tenure tenure = known.tenure;
  const Change change = FoldUse(tenure, lesson, forgotten_after);
  if (change != Change::kNone) state.MutableDevices().known[index].tenure = std::move(tenure);
  if (change == Change::kPromote) {
    Promote(state.MutableDevices().known, index, lesson.hold, Devices::kKnownMax, lesson.at);
    return;
  }
  // A late event tells of older versions; the newest that was seen stays.
  const bool is_latest = lesson.at >= known.tenure.last_seen;
  if (lesson.suspicious || known.tenure.standing != Standing::kKnown || !is_latest || !IsNewer(device, known))
    return;
  KnownDevice& learning = state.MutableDevices().known[index];
  learning.os_major = std::max(learning.os_major, device.os_major);
  learning.browser_major = std::max(learning.browser_major, device.browser_major);
  learning.emulator = device.emulator;
  learning.rooted = device.rooted;
}

}  // namespace

void LearnDevices(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state) {
  if (!event.IsSuccessfulUse()) return;
  const NoveltyResult novelty = DeviceNovelty(event, state);
  if (novelty.novelty == Novelty::kNotEvaluable) return;
  const schemas::Device& device = event.facts.device;
  const Lesson lesson = LessonOf(event, suspicious, context);
  const DeviceMatch match = MatchDevice(event, state);

  const Millis silence = SilenceBefore(event, state);

  // The device that had no id so far: it is in use, under its new name.
  if (match.family != kNone) Fold(device, match.family, lesson, kForgottenAfter + silence, state);
  if (match.exact != kNone) {
    Fold(device, match.exact, lesson, kForgottenAfter + silence, state);
  } else {
    AddBounded(state.MutableDevices().known, DeviceOf(device, NewTenure(lesson)), Devices::kKnownMax,
               lesson.at, silence);
  }
}

}  // namespace tocsin::detectors
