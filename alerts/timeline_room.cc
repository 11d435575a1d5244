// Which records a timeline gives up.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "alerts/timeline.h"
#include "alerts/timeline_record.h"
#include "base/uuid.h"

namespace tocsin::alerts {

using Counts = std::array<uint8_t, kRecordKinds>;

namespace {

// The kind that fills most of the room; of equals the one that tells less.
RecordKind Largest(const Counts& counts) {
  constexpr Counts kWeights = {4, 2, 1, 1, 1};
  size_t largest = 0;
  for (size_t kind = 1; kind < kRecordKinds; ++kind) {
    if (counts[kind] * kWeights[kind] > counts[largest] * kWeights[largest]) largest = kind;
  }
  return static_cast<RecordKind>(largest);
}

bool IsCause(const StoredRecord& stored) { return (stored.flags & kCauseBit) != 0; }

}  // namespace

int64_t Timeline::DayOf(Timestamp at) {
  return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count();
}

// Takes out the record that begins there and is of that time.
void Timeline::Remove(size_t begin, Timestamp at) {
  const std::string_view bytes = std::string_view(records_).substr(begin);
  ByteReader reader(bytes);
  const StoredRecord gone = ReadStored(reader, bytes);
  const size_t size = bytes.size() - reader.remaining();
  if (!IsCause(gone)) --Others(KindOf(gone));
  --count_;
  if (begin == 0) {
    base_at_ = at;
    records_.erase(0, size);
  } else if (reader.AtEnd()) {
    newest_at_ = at - Millis{static_cast<int64_t>(gone.distance)};
    records_.resize(begin);
  } else {
    // The next one's distance is now from the one before.
    HeadWriter head;
    head.Byte(reader.Byte());
    head.Varint(gone.distance + reader.Varint());
    records_.replace(begin, bytes.size() - reader.remaining(), head.bytes());
  }
}

void Timeline::DropOld() {
  while (count_ > 1) {
    ByteReader reader(records_);  // The first record's time, behind its flags.
    reader.Byte();
    const Timestamp at = base_at_ + Millis{static_cast<int64_t>(reader.Varint())};
    if (at >= newest_at_ - kKept) break;
    Remove(0, at);
  }
  const int64_t first_day = DayOf(newest_at_ - kKept);
  while (!left_out_.empty() && left_out_.front().day < first_day) left_out_.erase(left_out_.begin());
}

void Timeline::LeaveOut(RecordKind kind, Timestamp at) {
  const auto number = static_cast<int32_t>(DayOf(at));
  auto day = std::ranges::lower_bound(left_out_, number, {}, &LeftOut::day);
  if (day == left_out_.end() || day->day != number) day = left_out_.insert(day, {.day = number});
  uint32_t& count = kind == RecordKind::kFailedLogin ? day->failed_logins : day->others;
  if (count < UINT32_MAX) ++count;
  if (left_out_.size() > kLeftOutMax) left_out_.erase(left_out_.begin());
}

// `newest`: the kind of the last record when its event has yet to be judged: it stays.
void Timeline::MakeRoom(std::optional<RecordKind> newest) {
  Counts counts = others_;
  if (newest && counts[static_cast<size_t>(*newest)] == 1) counts[static_cast<size_t>(*newest)] = 0;
  const bool among_causes = std::ranges::all_of(counts, [](uint8_t count) { return count == 0; });
  const auto walk = [this](auto&& ends_at) {
    ByteReader reader(records_);
    Timestamp at = base_at_;
    for (int i = 0; i < count_; ++i) {
      const size_t begin = records_.size() - reader.remaining();
      const StoredRecord stored = ReadStored(reader, records_);
      at += Millis{static_cast<int64_t>(stored.distance)};
      if (ends_at(begin, stored, at)) return;
    }
  };
  if (among_causes) {
    counts = {};
    walk([&](size_t, const StoredRecord& stored, Timestamp) {
      if (IsCause(stored)) ++counts[static_cast<size_t>(KindOf(stored))];
      return false;
    });
  }
  const RecordKind largest = Largest(counts);
  walk([&](size_t begin, const StoredRecord& stored, Timestamp at) {
    if (KindOf(stored) != largest || IsCause(stored) != among_causes) return false;
    LeaveOut(largest, at);
    Remove(begin, at);
    return true;
  });
}

bool Timeline::MarkCauses(std::span<const std::string> event_ids) {
  if (event_ids.empty()) return false;
  std::vector<std::optional<UuidBytes>> packed;
  packed.reserve(event_ids.size());
  for (const std::string& id : event_ids) packed.push_back(PackUuid(id));
  const auto named = [&](const StoredRecord& stored) {
    for (size_t i = 0; i < packed.size(); ++i) {
      const std::string_view id =
          packed[i] ? std::string_view(packed[i]->data(), packed[i]->size()) : std::string_view(event_ids[i]);
      if (packed[i].has_value() == ((stored.flags & kUuidBit) != 0) && id == stored.id) return true;
    }
    return false;
  };
  bool changed = false;
  ByteReader reader(records_);
  for (int i = 0; i < count_; ++i) {
    const size_t begin = records_.size() - reader.remaining();
    const StoredRecord stored = ReadStored(reader, records_);
    const RecordKind kind = KindOf(stored);
    if (IsCause(stored) || kind == RecordKind::kFailedLogin || !named(stored)) continue;
    records_[begin] = static_cast<char>(stored.flags | kCauseBit);
    --Others(kind);
    changed = true;
  }
  return changed;
}

std::optional<Timeline::NotShown> Timeline::not_shown() const {
  if (left_out_.empty()) return std::nullopt;
  NotShown all{.since = Timestamp(std::chrono::days{left_out_.front().day})};
  for (const LeftOut& day : left_out_) {
    all.failed_logins += day.failed_logins;
    all.others += day.others;
  }
  return all;
}

}  // namespace tocsin::alerts
