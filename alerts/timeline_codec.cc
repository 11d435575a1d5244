// The stored form of a timeline: what is held, but with short ids.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "alerts/short_text.h"
#include "alerts/timeline.h"
#include "alerts/timeline_record.h"
#include "base/text_after.h"

namespace tocsin::alerts {
namespace {

// Records as they are stored: an id that is no UUID without what it shares with the last such one.
std::string WithShortIds(std::string_view records) {
  std::string stored;
  stored.reserve(records.size());
  ByteWriter writer(stored);
  ByteReader reader(records);
  std::string_view previous;
  while (!reader.AtEnd()) {
    const size_t begin = records.size() - reader.remaining();
    const StoredRecord head = ReadHead(reader);
    stored.append(records.substr(begin, records.size() - reader.remaining() - begin));
    if ((head.flags & kUuidBit) != 0) {
      stored.append(ReadRawUuid(reader, records));
    } else {
      const std::string_view id = reader.String();
      WriteTextAfter(writer, previous, id);
      previous = id;
    }
  }
  return stored;
}

// False when WithShortIds cannot have written it.
bool WithFullIds(std::string_view stored, std::string& records) {
  constexpr size_t kIdBytesMax = 512;  // 128 characters (contracts.md §1).
  std::array<char, kIdBytesMax> room{};
  std::string previous;
  ByteWriter writer(records);
  ByteReader reader(stored);
  while (!reader.AtEnd()) {
    const size_t begin = stored.size() - reader.remaining();
    const StoredRecord head = ReadHead(reader);
    if (!reader.ok()) return false;
    records.append(stored.substr(begin, stored.size() - reader.remaining() - begin));
    if ((head.flags & kUuidBit) != 0) {
      records.append(ReadRawUuid(reader, stored));
    } else {
      previous = ReadTextAfter(reader, previous, room);
      writer.String(previous);
    }
  }
  return reader.ok();
}

}  // namespace

void Timeline::Encode(ByteWriter& writer) const {
  if (count_ == 0) return;
  writer.Byte(names_count_);
  writer.String(names_);
  writer.Signed(ToMillis(base_at_));
  writer.Byte(count_);
  writer.String(WithShortIds(records_));
  writer.Byte(static_cast<uint8_t>(left_out_.size()));
  for (const LeftOut& day : left_out_) {
    writer.Signed(day.day);
    writer.Varint(day.failed_logins);
    writer.Varint(day.others);
  }
}

bool Timeline::DecodeLeftOut(ByteReader& reader, std::vector<LeftOut>& into) {
  const uint8_t days = reader.Byte();
  if (days > kLeftOutMax) return false;
  for (int i = 0; i < days; ++i) {
    const int64_t day = reader.Signed();
    const uint64_t failed_logins = reader.Varint();
    const uint64_t others = reader.Varint();
    if (day < DayOf(kTimestampMin) || day > DayOf(kTimestampMax) || failed_logins > UINT32_MAX ||
        others > UINT32_MAX || (!into.empty() && day <= into.back().day)) {
      return false;
    }
    into.push_back(
        {static_cast<int32_t>(day), static_cast<uint32_t>(failed_logins), static_cast<uint32_t>(others)});
  }
  return true;
}

bool Timeline::Decode(ByteReader& reader, uint8_t version, Timeline& into) {
  into = {};
  if (version < kVersionMin || version > kVersion) return false;
  const uint8_t flags_max = version == 1 ? 0x1f : 0x7f;
  Timeline read;
  read.names_count_ = reader.Byte();
  read.names_ = reader.String();
  ByteReader names(read.names_);
  for (int i = 0; i < read.names_count_; ++i) {
    if (names.String().size() > kNameBytesMax) return false;
  }
  read.base_at_ = FromMillis(reader.Signed());
  read.count_ = reader.Byte();
  const std::string_view records = reader.String();
  if (version < 3) {
    read.records_ = records;
  } else {
    std::string full;
    if (!WithFullIds(records, full)) return false;
    read.records_ = full;  // Without the room that it grew in.
  }
  if (version > 1 && !DecodeLeftOut(reader, read.left_out_)) return false;
  if (!reader.ok() || !names.ok() || !names.AtEnd() || read.count_ == 0 || read.count_ > kItemsMax ||
      read.base_at_ < kTimestampMin || read.base_at_ > kTimestampMax ||
      read.records_.size() < read.count_ * kRecordBytesMin) {
    return false;
  }
  ByteReader walk(read.records_);
  Timestamp at = read.base_at_;
  for (int i = 0; i < read.count_; ++i) {
    const StoredRecord stored = ReadStored(walk, read.records_);
    const uint8_t type = stored.flags & kTypeMask;
    const uint8_t name_max = std::max({stored.place, stored.network, stored.device, stored.payee});
    if (!walk.ok() || type < 1 || type > 5 || stored.flags > flags_max || name_max > read.names_count_ ||
        stored.distance > static_cast<uint64_t>((kTimestampMax - at).count())) {
      return false;
    }
    at += Millis{static_cast<int64_t>(stored.distance)};
    if (!(stored.flags & kCauseBit)) ++read.Others(KindOf(type, stored.code, stored.detail));
  }
  if (!walk.AtEnd()) return false;
  read.newest_at_ = at;
  into = std::move(read);
  return true;
}

}  // namespace tocsin::alerts
