#include "detectors/state/habits.h"

#include <algorithm>
#include <limits>

#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {
namespace {

constexpr uint32_t kAllHours = (1U << 24U) - 1;
// Year 9999, and a day for the zone.
constexpr int64_t kDayMax = 2'932'897;

Timestamp NewestOf(const Habits& habits) {
  Timestamp newest = kTimestampMin;
  for (const KnownOddity& known : habits.oddities) newest = std::max(newest, known.tenure.last_seen);
  return newest;
}

}  // namespace

// The bins are as uses of the day before `day` see them.
void HourCounts::Advance(int64_t local_day) {
  // Day by day while there is something to count: the same however many days pass at once.
  while (day < local_day) {
    const int64_t next = (today | yesterday | before) == 0 ? local_day : day + 1;
    Count(before);
    before = yesterday;
    yesterday = today;
    today = 0;
    Decay((next - 1) / kWeekDays - (day - 1) / kWeekDays);
    day = next;
  }
}

bool HourCounts::Note(int64_t local_day, int hour) {
  const uint32_t bit = 1U << static_cast<unsigned>(hour);
  local_day = std::max<int64_t>(local_day, 0);
  if (empty()) day = local_day;
  Advance(local_day);
  const int64_t ago = day - local_day;
  uint32_t* const mask = ago == 0 ? &today : ago == 1 ? &yesterday : ago == 2 ? &before : nullptr;
  if (mask == nullptr || (*mask & bit) != 0) return false;
  *mask |= bit;
  return true;
}

HourCounts HourCounts::On(int64_t local_day) const {
  HourCounts hours = *this;
  if (hours.empty()) return hours;
  hours.Advance(local_day);
  if (local_day < hours.day) return hours;
  hours.Count(hours.before);
  hours.Decay(hours.day / kWeekDays - (hours.day - 1) / kWeekDays);
  return hours;
}

void HourCounts::Count(uint32_t mask) {
  for (unsigned hour = 0; hour < bins.size(); ++hour) {
    if ((mask >> hour & 1U) == 0) continue;
    bins[hour] = static_cast<uint16_t>(std::min<int>(bins[hour] + kUnit, kBinMax));
    if (cells < std::numeric_limits<uint32_t>::max()) ++cells;
  }
}

void HourCounts::Decay(int64_t weeks) {
  constexpr int64_t kWeeksMax = 150;  // Nothing is left of the largest count.
  for (int64_t week = 0; week < std::min(weeks, kWeeksMax); ++week) {
    for (uint16_t& bin : bins) bin = static_cast<uint16_t>(bin * kWeeklyRestPercent / 100);
  }
}

size_t Habits::Find(Oddity oddity) const {
  const auto found = std::find_if(oddities.begin(), oddities.end(),
                                  [&](const KnownOddity& known) { return known.oddity == oddity; });
  return static_cast<size_t>(found - oddities.begin());
}

void Habits::Encode(ByteWriter& writer) const {
  writer.Varint(static_cast<uint64_t>(hours.day));
  writer.Varint(hours.today);
  writer.Varint(hours.yesterday);
  writer.Varint(hours.before);
  writer.Varint(hours.cells);
  uint32_t used = 0;
  for (unsigned hour = 0; hour < hours.bins.size(); ++hour) used |= (hours.bins[hour] > 0 ? 1U : 0U) << hour;
  writer.Varint(used);
  for (const uint16_t bin : hours.bins) {
    if (bin > 0) writer.Varint(bin);
  }
  writer.Varint(oddities.size());
  if (oddities.empty()) return;
  const Timestamp base = NewestOf(*this);
  WriteTime(writer, base);
  for (const KnownOddity& known : oddities) {
    WriteEnum(writer, known.oddity);
    WriteTenure(writer, known.tenure, base);
  }
}

bool Habits::Decode(ByteReader& reader, uint8_t version, Habits& into) {
  const uint64_t day = reader.Varint();
  const uint64_t today = reader.Varint();
  const uint64_t yesterday = reader.Varint();
  const uint64_t before = version >= 2 ? reader.Varint() : 0;
  const uint64_t cells = reader.Varint();
  const uint64_t used = reader.Varint();
  if (day > static_cast<uint64_t>(kDayMax) || (today | yesterday | before | used) > kAllHours ||
      cells > UINT32_MAX)
    return false;
  into.hours.day = static_cast<int64_t>(day);
  into.hours.today = static_cast<uint32_t>(today);
  into.hours.yesterday = static_cast<uint32_t>(yesterday);
  into.hours.before = static_cast<uint32_t>(before);
  into.hours.cells = static_cast<uint32_t>(cells);
  for (unsigned hour = 0; hour < into.hours.bins.size(); ++hour) {
    if ((used >> hour & 1U) == 0) continue;
    const uint64_t bin = reader.Varint();
    if (bin == 0 || bin > HourCounts::kBinMax) return false;
    into.hours.bins[hour] = static_cast<uint16_t>(bin);
  }
  into.oddities.resize(ReadCount(reader, static_cast<size_t>(kLastOddity) + 1, 4));
  if (into.oddities.empty()) return reader.ok();
  const Timestamp base = ReadTime(reader);
  uint32_t seen = 0;
  for (KnownOddity& known : into.oddities) {
    known.oddity = ReadEnum(reader, kLastOddity);
    ReadTenure(reader, known.tenure, base);
    const uint32_t bit = 1U << static_cast<unsigned>(known.oddity);
    if ((seen & bit) != 0) return false;
    seen |= bit;
  }
  return reader.ok() && base == NewestOf(into);
}

size_t Habits::HeapBytes() const {
  size_t bytes = HeapBytesOf(oddities);
  for (const KnownOddity& known : oddities) bytes += HeapBytesOf(known.tenure.introduced_by);
  return bytes;
}

}  // namespace tocsin::detectors
