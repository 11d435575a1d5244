#include "alerts/timeline.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <optional>

#include "alerts/short_text.h"
#include "alerts/timeline_record.h"
#include "base/check.h"
#include "base/uuid.h"

namespace tocsin::alerts {

using schemas::Event;
using schemas::EventType;

// One record between its bytes and its meaning. Views point into the bytes or the event it was made from.
struct Timeline::Record {
  Timestamp at;
  uint8_t type = 0;
  uint8_t code = 0;  // Two enums of four bits, or one: see Code and Detail.
  uint8_t detail = 0;
  int64_t amount_minor = 0;
  uint16_t currency = 0;  // Packed; 0: no amount.
  std::string_view place;
  std::string_view network;
  std::string_view device;
  std::string_view payee;
  std::string_view id;  // As stored: 16 raw bytes when `uuid`.
  bool uuid = false;
  bool cause = false;
};

namespace {

constexpr size_t kNamesMax = 255;

uint8_t Pair(auto low, auto high) {
  return static_cast<uint8_t>((static_cast<unsigned>(low) & 0x0f) | (static_cast<unsigned>(high) & 0x0f)
                                                                        << 4);
}

void AddNetwork(const schemas::Network& network, ShortText& text) {
  if (network.asn == 0 && network.network_class == schemas::NetworkClass::kUnknown && !network.anonymous())
    return;
  text.AddVarint(network.asn);
  text.AddByte(Pair(network.network_class, network.anonymiser));
}

// Which kind of event, and how it went: one byte each.
uint8_t Code(const Event& event) {
  if (const auto* login = event.login()) return Pair(login->outcome, login->mfa);
  if (const auto* transaction = event.transaction()) return Pair(transaction->kind, transaction->direction);
  if (const auto* change = event.change()) return static_cast<uint8_t>(change->change);
  if (const auto* feedback = event.feedback()) return static_cast<uint8_t>(feedback->verdict);
  return 0;
}

uint8_t Detail(const Event& event) {
  if (const auto* login = event.login()) return Pair(login->failure_reason, login->method);
  if (const auto* transaction = event.transaction())
    return Pair(transaction->status, transaction->decline_reason);
  if (const auto* feedback = event.feedback()) return static_cast<uint8_t>(feedback->by);
  return 0;
}

// A card's number by its length and check digit (ISO/IEC 7812): whoever uses one as a payee's id.
bool IsCardNumber(std::string_view id) {
  if (id.size() < 13 || id.size() > 19) return false;
  int sum = 0;
  for (size_t i = 0; i < id.size(); ++i) {
    const char c = id[id.size() - 1 - i];
    if (c < '0' || c > '9') return false;
    const int digit = (c - '0') * (i % 2 == 0 ? 1 : 2);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 == 0;
}

// To whom money went, or may go from now on, and from whom it came: a mule's senders have been robbed. Shops
// send nothing but refunds. Of a card's number the last four digits: tickets leave the house.
void AddPayee(const Event& event, ShortText& text) {
  std::string_view id;
  if (const auto* transaction = event.transaction()) {
    const bool refund = transaction->direction == schemas::Direction::kIn &&
                        transaction->counterparty.type == schemas::CounterpartyType::kMerchant;
    if (!refund) id = transaction->counterparty.id;
  } else if (const auto* change = event.change()) {
    id = change->payee_id;
  }
  constexpr std::string_view kCut = "…";
  if (IsCardNumber(id)) {
    text.Add(kCut);
    return text.Add(id.substr(id.size() - 4));
  }
  const bool fits = id.size() <= kNameBytesMax;
  text.Add(id, fits ? kNameBytesMax : kNameBytesMax - kCut.size());
  if (!fits) text.Add(kCut);
}

template <class E>
E Low(uint8_t pair) {
  return static_cast<E>(pair & 0x0f);
}
template <class E>
E High(uint8_t pair) {
  return static_cast<E>(pair >> 4);
}

void FillMeaning(uint8_t code, uint8_t detail, TimelineItem& item) {
  switch (item.type) {
    case EventType::kLogin:
      item.outcome = Low<schemas::LoginOutcome>(code);
      item.mfa = High<schemas::Mfa>(code);
      item.failure_reason = Low<schemas::FailureReason>(detail);
      item.method = High<schemas::LoginMethod>(detail);
      break;
    case EventType::kTransaction:
      item.kind = Low<schemas::TransactionKind>(code);
      item.direction = High<schemas::Direction>(code);
      item.status = Low<schemas::TransactionStatus>(detail);
      item.decline_reason = High<schemas::DeclineReason>(detail);
      break;
    case EventType::kAccountChange:
      item.change = static_cast<schemas::ChangeKind>(code);
      break;
    case EventType::kFeedback:
      item.verdict = static_cast<schemas::FeedbackVerdict>(code);
      item.by = static_cast<schemas::FeedbackBy>(detail);
      break;
    case EventType::kAccountProfile:
      break;
  }
}

void FillNetwork(std::string_view bytes, TimelineItem& item) {
  if (bytes.empty()) return;
  ByteReader reader(bytes);
  const uint64_t asn = reader.Varint();
  const uint8_t pair = reader.Byte();
  if (!reader.ok() || asn > UINT32_MAX || (pair & 0x0f) > 7 || pair >> 4 > 4) return;
  item.asn = static_cast<uint32_t>(asn);
  item.network_class = Low<schemas::NetworkClass>(pair);
  item.anonymiser = High<schemas::Anonymiser>(pair);
}

}  // namespace

TimelineItem Describe(const Event& event) {
  TimelineItem item;
  item.at = event.occurred_at;
  item.event_id = event.event_id.str();
  item.type = event.type;
  FillMeaning(Code(event), Detail(event), item);
  if (const auto* transaction = event.transaction()) item.amount = transaction->amount;
  ShortText place;
  ShortText device;
  AddPlace(event.facts.place, place);
  ShortText payee;
  AddDevice(event.facts.device, device);
  AddPayee(event, payee);
  item.place = place.view();
  item.device = device.view();
  item.payee = payee.view();
  item.asn = event.facts.network.asn;
  item.network_class = event.facts.network.network_class;
  item.anonymiser = event.facts.network.anonymiser;
  return item;
}

std::string_view Timeline::NameOf(uint8_t number) const {
  ByteReader reader(names_);
  std::string_view name;
  for (int i = 0; i < number; ++i) name = reader.String();
  return name;
}

uint8_t Timeline::NameNumber(std::string_view name) {
  if (name.empty()) return 0;
  // A name is shorter than a length of two bytes would be.
  static_assert(kNameBytesMax < 0x80);
  const char* held = names_.data();
  for (int i = 1; i <= names_count_; ++i) {
    const auto size = static_cast<size_t>(static_cast<uint8_t>(*held));
    if (size == name.size() && std::memcmp(held + 1, name.data(), size) == 0) return static_cast<uint8_t>(i);
    held += 1 + size;
  }
  if (names_count_ == kNamesMax) return 0;
  ByteWriter(names_).String(name);
  return ++names_count_;
}

void Timeline::Append(const Record& record) {
  if (count_ == 0) base_at_ = newest_at_ = record.at;
  const bool money = record.currency != 0;
  HeadWriter head;
  const uint8_t payee = NameNumber(record.payee);
  head.Byte(static_cast<uint8_t>(record.type | (record.uuid ? kUuidBit : 0) | (money ? kMoneyBit : 0) |
                                 (payee != 0 ? kPayeeBit : 0) | (record.cause ? kCauseBit : 0)));
  head.Varint(static_cast<uint64_t>((record.at - newest_at_).count()));
  head.Byte(record.code);
  head.Byte(record.detail);
  head.Byte(NameNumber(record.place));
  head.Byte(NameNumber(record.network));
  head.Byte(NameNumber(record.device));
  if (payee != 0) head.Byte(payee);
  if (money) {
    head.Signed(record.amount_minor);
    head.Varint(record.currency);
  }
  if (!record.uuid) head.Varint(record.id.size());
  const size_t size = records_.size() + head.bytes().size() + record.id.size();
  if (size > records_.capacity()) {
    // A string grows to twice its size, of which half would stay empty.
    std::string larger;
    larger.reserve(size + size / 4);
    records_ = std::move(larger.append(records_));
  }
  records_.append(head.bytes()).append(record.id);
  newest_at_ = record.at;
  ++count_;
  if (!record.cause) ++Others(KindOf(record.type, record.code, record.detail));
}

std::vector<Timeline::Record> Timeline::Unpack() const {
  std::vector<Record> records;
  records.reserve(count_ + size_t{1});
  ByteReader reader(records_);
  Timestamp at = base_at_;
  for (int i = 0; i < count_; ++i) {
    const StoredRecord stored = ReadStored(reader, records_);
    at += Millis{static_cast<int64_t>(stored.distance)};
    records.push_back({.at = at,
                       .type = static_cast<uint8_t>(stored.flags & kTypeMask),
                       .code = stored.code,
                       .detail = stored.detail,
                       .amount_minor = stored.amount_minor,
                       .currency = stored.currency,
                       .place = NameOf(stored.place),
                       .network = NameOf(stored.network),
                       .device = NameOf(stored.device),
                       .payee = NameOf(stored.payee),
                       .id = stored.id,
                       .uuid = (stored.flags & kUuidBit) != 0,
                       .cause = (stored.flags & kCauseBit) != 0});
  }
  CHECK(reader.ok());
  return records;
}

void Timeline::Pack(const std::vector<Record>& records) {
  Timeline packed;
  packed.records_.reserve(records_.size() + 64);
  for (const Record& record : records) packed.Append(record);
  packed.left_out_ = std::move(left_out_);
  *this = std::move(packed);  // The records' views end here.
}

bool Timeline::Remember(const Event& event, size_t items_max) {
  if (event.type == EventType::kAccountProfile) return false;
  items_max = std::clamp<size_t>(items_max, 1, kItemsMax);

  ShortText place;
  ShortText network;
  ShortText device;
  ShortText payee;
  AddPlace(event.facts.place, place);
  AddPayee(event, payee);
  AddNetwork(event.facts.network, network);
  AddDevice(event.facts.device, device);
  const std::optional<UuidBytes> uuid = PackUuid(event.event_id.view());
  Record record{.at = event.occurred_at,
                .type = static_cast<uint8_t>(event.type),
                .code = Code(event),
                .detail = Detail(event),
                .place = place.view(),
                .network = network.view(),
                .device = device.view(),
                .payee = payee.view(),
                .id = uuid ? std::string_view(uuid->data(), uuid->size()) : event.event_id.view(),
                .uuid = uuid.has_value()};
  if (const auto* transaction = event.transaction()) {
    record.amount_minor = transaction->amount.minor;
    record.currency = transaction->amount.currency.packed();
  }

  const bool newest = count_ == 0 || record.at > newest_at_;
  if (newest) {
    Append(record);
  } else {  // Late, or of the same instant as the newest.
    if (record.at < newest_at_ - kKept) return false;
    std::vector<Record> records = Unpack();
    for (const Record& known : records) {
      if (known.id == record.id && known.uuid == record.uuid) return false;
    }
    const auto after = std::upper_bound(records.begin(), records.end(), record.at,
                                        [](Timestamp at, const Record& known) { return at < known.at; });
    records.insert(after, record);
    Pack(records);
  }

  DropOld();
  const RecordKind kind = KindOf(record.type, record.code, record.detail);
  while (count_ > items_max) MakeRoom(newest ? std::optional(kind) : std::nullopt);
  // Names that nothing refers to any more go when they are most of the table.
  if (names_count_ > 2 * count_ + 8) Pack(Unpack());
  return true;
}

std::vector<TimelineItem> Timeline::Items() const {
  std::vector<TimelineItem> items;
  items.reserve(count_);
  for (const Record& record : Unpack()) {
    TimelineItem item;
    item.at = record.at;
    if (record.uuid) {
      UuidBytes packed{};
      std::memcpy(packed.data(), record.id.data(), packed.size());
      const UuidText text = UnpackUuid(packed);
      item.event_id.assign(text.data(), text.size());
    } else {
      item.event_id = record.id;
    }
    item.type = static_cast<EventType>(record.type);
    FillMeaning(record.code, record.detail, item);
    if (const auto currency = Currency::FromPacked(record.currency); currency && record.currency != 0) {
      item.amount = {.minor = record.amount_minor, .currency = *currency};
    }
    item.place = record.place;
    item.device = record.device;
    item.payee = record.payee;
    FillNetwork(record.network, item);
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace tocsin::alerts
