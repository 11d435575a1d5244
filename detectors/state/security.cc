#include "detectors/state/security.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "detectors/state/room.h"
#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {
namespace {

using schemas::Contact;
using schemas::ContactChannel;

constexpr Millis kChainMax = std::chrono::hours(144);
constexpr Millis kSameMoment = std::chrono::hours(1);
constexpr Millis kTravelKept = std::chrono::hours(72);  // After its end: for events that come late.

bool Before(const StageSeen& a, const StageSeen& b) {
  return std::tie(a.at, a.event_id, a.stage) < std::tie(b.at, b.event_id, b.stage);
}

Timestamp Earlier(Timestamp at, Millis by) { return at - std::min(by, at - kTimestampMin); }

// Added to the stage of a step that was taken on the account's own device.
constexpr uint8_t kOwnDevice = 0x40;

// How many of the stages are together with the first ones and expired. Cheap when the first is not.
std::ptrdiff_t ExpiredStages(const std::vector<StageSeen>& stages, Timestamp newest) {
  const Timestamp oldest = Earlier(newest, Security::kStagesKept);
  size_t expired = 0;
  for (size_t i = 0; i < stages.size() && stages[i].at < oldest; ++i) {
    if (i + 1 == stages.size() || stages[i + 1].at - stages[i].at > Security::kStagesTogether)
      expired = i + 1;
  }
  return static_cast<std::ptrdiff_t>(expired);
}

// Index of the next entry of the same stage, and of the owner's device or not like it, before (step -1) or
// after (step 1) `index`; stages.size() when there is none.
size_t Neighbour(const std::vector<StageSeen>& stages, size_t index, int step) {
  for (size_t i = index + static_cast<size_t>(step); i < stages.size(); i += static_cast<size_t>(step)) {
    if (stages[i].stage == stages[index].stage && stages[i].own_device == stages[index].own_device) return i;
  }
  return stages.size();
}

// Between two of its own stage that are within kSameMoment of each other.
bool IsMiddle(const std::vector<StageSeen>& stages, size_t index) {
  const size_t before = Neighbour(stages, index, -1);
  const size_t after = Neighbour(stages, index, 1);
  return before < stages.size() && after < stages.size() &&
         stages[after].at - stages[before].at <= kSameMoment;
}

}  // namespace

void Security::InsertStage(StageSeen seen, Timestamp newest) {
  Prune(newest);
  const auto place = std::upper_bound(stages.begin(), stages.end(), seen, Before);
  if (place != stages.begin() && *(place - 1) == seen) return;
  const size_t index = static_cast<size_t>(place - stages.begin());
  MakeRoom(stages);
  stages.insert(stages.begin() + static_cast<std::ptrdiff_t>(index), std::move(seen));

  // The new one can be a middle, or make its neighbours one.
  std::array<size_t, 3> candidates = {Neighbour(stages, index, 1), index, Neighbour(stages, index, -1)};
  for (const size_t candidate : candidates) {
    if (candidate < stages.size() && IsMiddle(stages, candidate)) {
      stages.erase(stages.begin() + static_cast<std::ptrdiff_t>(candidate));
      return;
    }
  }
  if (stages.size() <= kStagesMax) return;

  // All at once, and no more than that: each time the first one goes, chains may get another beginning.
  if (stages.front().at < Earlier(newest, kStagesKept)) {
    std::erase_if(stages, [&](const StageSeen& s) { return s.at < Earlier(newest, kChainMax); });
    return;
  }
  std::array<size_t, static_cast<size_t>(kLastStage) + 1> counts{};
  for (const StageSeen& stage : stages) ++counts[static_cast<size_t>(stage.stage)];
  const auto most = static_cast<Stage>(std::max_element(counts.begin(), counts.end()) - counts.begin());
  const auto oldest =
      std::find_if(stages.begin(), stages.end(), [&](const StageSeen& s) { return s.stage == most; });
  stages.erase(std::find_if(oldest + 1, stages.end(), [&](const StageSeen& s) { return s.stage == most; }));
}

void Security::InsertTravel(const schemas::Travel& plan, Timestamp newest) {
  Prune(newest);
  TravelPlan kept{.countries = plan.countries, .from = plan.from, .until = plan.until};
  if (kept.countries.size() > kTravelCountriesMax) kept.countries.resize(kTravelCountriesMax);
  const auto same = std::find_if(travel.begin(), travel.end(), [&](const TravelPlan& t) {
    return t.from == kept.from && t.until == kept.until;
  });
  if (same != travel.end()) {
    *same = std::move(kept);
    return;
  }
  const auto place =
      std::upper_bound(travel.begin(), travel.end(), kept, [](const TravelPlan& a, const TravelPlan& b) {
        return std::tie(a.until, a.from) < std::tie(b.until, b.from);
      });
  travel.insert(place, std::move(kept));
  if (travel.size() > kTravelMax) travel.erase(travel.begin());
}

void Security::InsertPreviousContact(const Contact& contact, Timestamp replaced_at, Timestamp newest) {
  Prune(newest);
  if (contact.address.empty() || contact.address.size() > kAddressBytesMax) return;
  for (PreviousContact& previous : previous_contacts) {
    if (previous.contact.channel == contact.channel && previous.contact.address == contact.address) return;
  }
  const auto place = std::find_if(previous_contacts.begin(), previous_contacts.end(),
                                  [&](const PreviousContact& p) { return p.replaced_at <= replaced_at; });
  previous_contacts.insert(place, {.contact = contact, .replaced_at = replaced_at});
  if (previous_contacts.size() <= kPreviousContactsMax) return;
  previous_contacts.erase(std::ranges::find_if(previous_contacts, [this](const PreviousContact& p) {
    return std::ranges::count(previous_contacts, p.contact.channel,
                              [](const PreviousContact& q) { return q.contact.channel; }) > 1;
  }));
}

std::vector<Contact> Security::PreviousContacts(Timestamp at) const {
  std::vector<Contact> contacts;
  for (const PreviousContact& previous : previous_contacts) {
    if (previous.replaced_at >= Earlier(at, kPreviousContactsKept)) contacts.push_back(previous.contact);
  }
  return contacts;
}

bool Security::CanPrune(Timestamp newest) const {
  return ExpiredStages(stages, newest) > 0 ||
         (!previous_contacts.empty() &&
          previous_contacts.back().replaced_at < Earlier(newest, kPreviousContactsKept)) ||
         (!travel.empty() && travel.front().until < Earlier(newest, kTravelKept));
}

void Security::Prune(Timestamp newest) {
  if (!CanPrune(newest)) return;
  stages.erase(stages.begin(), stages.begin() + ExpiredStages(stages, newest));
  std::erase_if(travel, [&](const TravelPlan& t) { return t.until < Earlier(newest, kTravelKept); });
  std::erase_if(previous_contacts, [&](const PreviousContact& p) {
    return p.replaced_at < Earlier(newest, kPreviousContactsKept);
  });
}

void Security::Encode(ByteWriter& writer) const {
  writer.Varint(stages.size());
  Timestamp previous = kTimestampMin;
  for (const StageSeen& stage : stages) {
    WriteTimeAfter(writer, previous, stage.at);
    previous = stage.at;
    writer.Byte(
        static_cast<uint8_t>(static_cast<uint8_t>(stage.stage) | (stage.own_device ? kOwnDevice : 0)));
    WriteEventId(writer, stage.event_id);
  }
  writer.Varint(travel.size());
  for (const TravelPlan& plan : travel) {
    WriteTime(writer, plan.from);
    WriteTime(writer, plan.until);
    writer.Varint(plan.countries.size());
    for (const std::string& country : plan.countries) writer.String(country);
  }
  writer.Varint(previous_contacts.size());
  for (const PreviousContact& held : previous_contacts) {
    WriteTime(writer, held.replaced_at);
    WriteEnum(writer, held.contact.channel);
    writer.Byte(static_cast<uint8_t>((held.contact.verified ? 1 : 0) | (held.contact.primary ? 2 : 0)));
    writer.String(held.contact.address);
  }
}

bool Security::Decode(ByteReader& reader, uint8_t version, Security& into) {
  into.stages.resize(ReadCount(reader, kStagesMax, 3));
  Timestamp previous = kTimestampMin;
  for (StageSeen& stage : into.stages) {
    stage.at = previous = ReadTimeAfter(reader, previous);
    uint8_t taken = reader.Byte();
    stage.own_device = version == 1 || (taken & kOwnDevice) != 0;
    if (version > 1) taken &= static_cast<uint8_t>(~kOwnDevice);
    if (taken > static_cast<uint8_t>(kLastStage)) return false;
    stage.stage = static_cast<Stage>(taken);
    stage.event_id = ReadEventId(reader);
  }
  into.travel.resize(ReadCount(reader, kTravelMax, 3));
  for (TravelPlan& plan : into.travel) {
    plan.from = ReadTime(reader);
    plan.until = ReadTime(reader);
    plan.countries.resize(ReadCount(reader, kTravelCountriesMax, 1));
    for (std::string& country : plan.countries) country = ReadText(reader, 2);
  }
  into.previous_contacts.resize(ReadCount(reader, kPreviousContactsMax, 4));
  for (PreviousContact& held : into.previous_contacts) {
    held.replaced_at = ReadTime(reader);
    held.contact.channel = ReadEnum(reader, ContactChannel::kWebhook);
    const uint8_t flags = reader.Byte();
    if (flags > 3) return false;
    held.contact.verified = (flags & 1) != 0;
    held.contact.primary = (flags & 2) != 0;
    held.contact.address = ReadText(reader, kAddressBytesMax);
  }
  return reader.ok() && std::is_sorted(into.stages.begin(), into.stages.end(), Before);
}

size_t Security::HeapBytes() const {
  size_t bytes = HeapBytesOf(stages) + HeapBytesOf(travel) + HeapBytesOf(previous_contacts);
  for (const StageSeen& stage : stages) bytes += HeapBytesOf(stage.event_id);
  for (const TravelPlan& plan : travel) {
    bytes += HeapBytesOf(plan.countries);
    for (const std::string& country : plan.countries) bytes += HeapBytesOf(country);
  }
  for (const PreviousContact& held : previous_contacts) bytes += HeapBytesOf(held.contact.address);
  return bytes;
}

}  // namespace tocsin::detectors
