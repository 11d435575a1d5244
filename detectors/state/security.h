// What changed around the account's defences: stages of a takeover, travel the owner announced, contacts that
// were replaced.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "detectors/state/kept_id.h"
#include "detectors/state/segment.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Stored: append only.
enum class Stage : uint8_t {
  kPasswordChanged = 0,
  kNewDevice = 1,
  kNewCountry = 2,
  kAnonymousNetwork = 3,
  kContactChanged = 4,
  kNotificationsOff = 5,
  kMfaOff = 6,
  kLimitRaised = 7,
  kPayeeAdded = 8,
  kMoneyOut = 9,
  kGuessedIn = 10,
  // Not steps, but what tells whose the steps after them are.
  kReported = 11,  // The owner, or who investigated, says that it was somebody else.
  kUnfrozen = 12,
};
inline constexpr Stage kLastStage = Stage::kUnfrozen;

// Whether somebody has come a step nearer to taking the account over.
[[nodiscard]] constexpr bool IsStep(Stage stage) {
  return stage != Stage::kReported && stage != Stage::kUnfrozen;
}

struct StageSeen {
  Stage stage = Stage::kPasswordChanged;
  Timestamp at;
  KeptId event_id;
  // It was taken on a device that the account knew as its own; false: on another one, or the event does not
  // say.
  bool own_device = false;
  friend bool operator==(const StageSeen&, const StageSeen&) = default;
};

struct TravelPlan {
  std::vector<std::string> countries;
  Timestamp from;
  Timestamp until;
  friend bool operator==(const TravelPlan&, const TravelPlan&) = default;
};

struct PreviousContact {
  schemas::Contact contact;
  Timestamp replaced_at;
  friend bool operator==(const PreviousContact&, const PreviousContact&) = default;
};

struct Security {
  static constexpr uint8_t kVersion = 3;
  // 2: nothing but steps. 1: no own_device; every step counts as taken on one.
  static constexpr uint8_t kVersionMin = 1;
  static constexpr size_t kStagesMax = 48;
  static constexpr size_t kTravelMax = 4;
  static constexpr size_t kTravelCountriesMax = 16;
  static constexpr size_t kPreviousContactsMax = 8;
  static constexpr size_t kAddressBytesMax = 512;
  // Steps that follow within kStagesTogether of each other are kept and forgotten together: where a chain
  // ends by its length and the next begins depends on the first of them.
  static constexpr Millis kStagesTogether = std::chrono::hours(72);
  // After the last of them, by event time, before the account's newest event: a chain is at most 144 h long,
  // and events come up to 72 h late.
  static constexpr Millis kStagesKept = std::chrono::hours(144 + 72);
  static constexpr Millis kPreviousContactsKept = std::chrono::hours(24 * 30);

  std::vector<StageSeen> stages;  // Steps and marks. By time, then event id, then stage.
  std::vector<TravelPlan> travel;
  // Newest first. When full, the newest whose channel has others goes: the oldest of the last 30 d is likely
  // to be the owner's, and many changes of one address must push out neither it nor that of another channel.
  std::vector<PreviousContact> previous_contacts;

  // Keeps order and bounds; one that is there already changes nothing. Of three of one stage within an hour,
  // all on the owner's device or none, the middle one is not kept: no 72 h window can tell. When full, all of
  // them that are older than a chain go if one is older than kStagesKept; else the stage seen most often
  // gives up the one after its oldest.
  void InsertStage(StageSeen seen, Timestamp newest);
  // Keeps bounds: the plan that ends first goes. Plans of the same time are one.
  void InsertTravel(const schemas::Travel& plan, Timestamp newest);
  void InsertPreviousContact(const schemas::Contact& contact, Timestamp replaced_at, Timestamp newest);
  // The contacts replaced in the 30 d before `at`, newest first: a notice of takeover goes there as well.
  [[nodiscard]] std::vector<schemas::Contact> PreviousContacts(Timestamp at) const;
  // Gives up what has expired. Cheap when nothing has.
  void Prune(Timestamp newest);
  [[nodiscard]] bool CanPrune(Timestamp newest) const;

  [[nodiscard]] bool empty() const { return stages.empty() && travel.empty() && previous_contacts.empty(); }
  void Encode(ByteWriter& writer) const;
  static bool Decode(ByteReader& reader, uint8_t version, Security& into);
  [[nodiscard]] size_t HeapBytes() const;
  friend bool operator==(const Security&, const Security&) = default;
};

}  // namespace tocsin::detectors
