#include "daemon/delivery/lane.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace tocsin::daemon {
namespace {

constexpr uint8_t kVersion = 1;      // Of the other states.
constexpr uint8_t kLaneVersion = 2;  // Of a lane's head.

uint64_t BitOf(uint8_t segment) { return uint64_t{1} << segment; }

Error Corrupt(const char* what) { return {ErrorCode::kCorrupt, what, "cannot be read"}; }

void ReadTicketHead(ByteReader& reader, Lane::Head& head) {
  head.account_id = reader.String();
  head.priority = static_cast<schemas::Priority>(std::clamp<int>(reader.Byte(), 1, 4));
  head.outcome = static_cast<TicketOutcome>(std::min<int>(reader.Byte(), 2));
  head.outcomes = static_cast<int>(std::min<uint64_t>(reader.Varint(), 1'000'000));
  for (DueClock& clock : head.clocks) {
    clock.from = FromMillis(reader.Signed());
    clock.due = FromMillis(reader.Signed());
    clock.step = std::min<int>(reader.Byte(), kReminderPercents.size());
  }
}

}  // namespace

std::string_view Name(LaneStatus status) {
  constexpr std::array<std::string_view, 5> kNames = {"idle", "waiting", "sending", "held", "failed"};
  return kNames[static_cast<size_t>(status)];
}

uint64_t Lane::Form() { return kVersion + kLaneVersion; }

bool Lane::PushOrReplace(LaneItem item) {
  if (!head_.order.empty()) {
    const bool under_way = head_.order.size() == 1 && head_.status == LaneStatus::kSending;
    LaneItem& last = items_.at(head_.order.back());
    if (last.append && !under_way) {
      changed_ |= BitOf(head_.order.back());
      last = std::move(item);
      return true;
    }
  }
  return Push(std::move(item));
}

void Lane::BringLastForward() {
  std::vector<uint8_t>& order = MutableHead().order;
  std::ranges::rotate(order, order.end() - 1);
}

bool Lane::Push(LaneItem item) {
  uint8_t segment = kFirstItem;
  while (segment <= kLastItem && items_.contains(segment)) ++segment;
  if (segment > kLastItem) return false;
  items_[segment] = std::move(item);
  changed_ |= BitOf(segment);
  MutableHead().order.push_back(segment);
  return true;
}

void Lane::Pop() {
  CHECK(!empty());
  const uint8_t segment = head_.order.front();
  items_.erase(segment);
  changed_ |= BitOf(segment);
  Head& head = MutableHead();
  head.order.erase(head.order.begin());
}

void Lane::Erase(size_t index) {
  CHECK(index > 0 && index < size());
  std::vector<uint8_t>& order = MutableHead().order;
  const auto at = order.begin() + static_cast<std::ptrdiff_t>(index);
  items_.erase(*at);
  changed_ |= BitOf(*at);
  order.erase(at);
}

void Lane::Replace(std::string json) {
  items_.at(head_.order.front()).json = std::move(json);
  changed_ |= BitOf(head_.order.front());
}

void Lane::EncodeSegment(uint8_t segment, std::string& out) const {
  ByteWriter writer(out);
  if (segment == kHeadSegment) {
    if (head_ == Head{}) return;
    writer.Byte(kLaneVersion);
    writer.Byte(static_cast<uint8_t>(head_.kind));
    writer.Byte(static_cast<uint8_t>(head_.status));
    for (const std::string* text :
         {&head_.channel, &head_.address, &head_.case_id, &head_.external_id, &head_.reason})
      writer.String(*text);
    writer.Varint(static_cast<uint64_t>(head_.attempt));
    for (const Timestamp at : {head_.entered_at, head_.attempted_at, head_.next_at})
      writer.Signed(ToMillis(at));
    writer.Varint(head_.order.size());
    for (const uint8_t item : head_.order) writer.Byte(item);
    if (head_.kind != ParcelKind::kTicket) return;
    writer.String(head_.account_id);
    writer.Byte(static_cast<uint8_t>(head_.priority));
    writer.Byte(static_cast<uint8_t>(head_.outcome));
    writer.Varint(static_cast<uint64_t>(head_.outcomes));
    for (const DueClock& clock : head_.clocks) {
      writer.Signed(ToMillis(clock.from));
      writer.Signed(ToMillis(clock.due));
      writer.Byte(static_cast<uint8_t>(clock.step));
    }
    return;
  }
  const auto found = items_.find(segment);
  if (found == items_.end()) return;
  writer.Byte(kVersion);
  writer.String(found->second.id);
  writer.Bool(found->second.append);
  writer.String(found->second.json);
}

Result<Done> Lane::DecodeSegment(uint8_t segment, std::string_view bytes) {
  ByteReader reader(bytes);
  if (segment == kHeadSegment) {
    head_ = {};
    if (bytes.empty()) return Done{};
    Head read;
    const uint8_t version = reader.Byte();
    const uint8_t kind = reader.Byte();
    const uint8_t status = reader.Byte();
    for (std::string* text : {&read.channel, &read.address, &read.case_id, &read.external_id, &read.reason})
      *text = reader.String();
    read.attempt = static_cast<int>(std::min<uint64_t>(reader.Varint(), 1'000'000));
    for (Timestamp* at : {&read.entered_at, &read.attempted_at, &read.next_at})
      *at = FromMillis(reader.Signed());
    read.order.resize(reader.Count());
    uint64_t named = 0;
    for (uint8_t& item : read.order) {
      item = reader.Byte();
      if (item < kFirstItem || item > kLastItem || (named >> item & 1U) != 0) return Corrupt("delivery.head");
      named |= uint64_t{1} << item;
    }
    // Version 1 ended here; its tickets have no clocks, and their outcomes are not read.
    if (version == kLaneVersion && kind == static_cast<uint8_t>(ParcelKind::kTicket))
      ReadTicketHead(reader, read);
    if (!reader.ok() || !reader.AtEnd() || version == 0 || version > kLaneVersion || kind > 2 || status > 4)
      return Corrupt("delivery.head");
    read.kind = static_cast<ParcelKind>(kind);
    read.status = static_cast<LaneStatus>(status);
    head_ = std::move(read);
    return Done{};
  }
  items_.erase(segment);
  if (bytes.empty()) return Done{};
  const uint8_t version = reader.Byte();
  LaneItem item;
  item.id = reader.String();
  item.append = reader.Bool();
  item.json = reader.String();
  if (!reader.ok() || !reader.AtEnd() || version != kVersion) return Corrupt("delivery.item");
  items_[segment] = std::move(item);
  return Done{};
}

size_t Lane::ByteSize() const {
  size_t bytes = sizeof *this + head_.channel.size() + head_.address.size() + head_.external_id.size() +
                 head_.account_id.size() + 64;
  for (const auto& [segment, item] : items_) bytes += 128 + item.id.size() + item.json.size();
  return bytes;
}

std::string LaneIndex::KeyOf(std::string_view lane) {
  return BucketKey(static_cast<int>(Hash64(lane) / kSlots % kBuckets));
}

void LaneIndex::Add(std::string_view lane) {
  const auto slot = static_cast<uint8_t>(1 + Hash64(lane) % kSlots);
  if (std::ranges::find(slots_[slot], lane) != slots_[slot].end()) return;
  slots_[slot].emplace_back(lane);
  changed_ |= BitOf(slot);
}

void LaneIndex::Remove(std::string_view lane) {
  const auto slot = static_cast<uint8_t>(1 + Hash64(lane) % kSlots);
  if (std::erase(slots_[slot], lane) > 0) changed_ |= BitOf(slot);
}

void LaneIndex::EncodeSegment(uint8_t segment, std::string& out) const {
  if (segment >= slots_.size() || slots_[segment].empty()) return;
  ByteWriter writer(out);
  writer.Byte(kVersion);
  for (const std::string& lane : slots_[segment]) writer.String(lane);
}

Result<Done> LaneIndex::DecodeSegment(uint8_t segment, std::string_view bytes) {
  if (segment >= slots_.size()) return Corrupt("delivery.index");
  slots_[segment].clear();
  if (bytes.empty()) return Done{};
  ByteReader reader(bytes);
  if (reader.Byte() != kVersion) return Corrupt("delivery.index");
  while (reader.ok() && !reader.AtEnd()) slots_[segment].emplace_back(reader.String());
  return reader.ok() ? Result<Done>(Done{}) : Result<Done>(Corrupt("delivery.index"));
}

size_t LaneIndex::ByteSize() const {
  size_t bytes = sizeof *this;
  for (const auto& slot : slots_) bytes += slot.size() * 80;
  return bytes;
}

bool FloodGate::Count(Timestamp now, Millis window, int max) {
  if (max <= 0) return shut_;
  changed_ = segments();
  if (now < began_ || now - began_ >= window) {
    began_ = now;
    count_ = 0;
  }
  ++count_;
  shut_ = shut_ || count_ > max;
  return shut_;
}

void FloodGate::Open() {
  changed_ = segments();
  shut_ = false;
  count_ = 0;
}

void FloodGate::EncodeSegment(uint8_t, std::string& out) const {
  if (count_ == 0 && !shut_) return;
  ByteWriter writer(out);
  writer.Byte(kVersion);
  writer.Signed(ToMillis(began_));
  writer.Varint(static_cast<uint64_t>(count_));
  writer.Bool(shut_);
}

Result<Done> FloodGate::DecodeSegment(uint8_t, std::string_view bytes) {
  began_ = {};
  count_ = 0;
  shut_ = false;
  if (bytes.empty()) return Done{};
  ByteReader reader(bytes);
  const uint8_t version = reader.Byte();
  began_ = FromMillis(reader.Signed());
  count_ = static_cast<int>(reader.Varint());
  shut_ = reader.Bool();
  if (!reader.ok() || !reader.AtEnd() || version != kVersion) return Corrupt("delivery.flood");
  return Done{};
}

}  // namespace tocsin::daemon
