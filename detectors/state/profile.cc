#include "detectors/state/profile.h"

#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {
namespace {

using schemas::AccountProfile;
using schemas::AccountStatus;
using schemas::Contact;
using schemas::ContactChannel;
using schemas::ProfileLimit;

void EncodeOwner(const AccountProfile& owner, ByteWriter& writer) {
  writer.String(owner.display_name);
  writer.String(owner.locale);
  writer.String(owner.timezone);
  writer.String(owner.country);
  writer.String(owner.tier);
  WriteEnum(writer, owner.status);
  writer.Bool(owner.opened_at.has_value());
  if (owner.opened_at) WriteTime(writer, *owner.opened_at);
  writer.Varint(owner.contacts.size());
  for (const Contact& contact : owner.contacts) {
    WriteEnum(writer, contact.channel);
    writer.Byte(static_cast<uint8_t>((contact.verified ? 1 : 0) | (contact.primary ? 2 : 0)));
    writer.String(contact.address);
  }
  writer.Varint(owner.limits.size());
  for (const ProfileLimit& limit : owner.limits) {
    writer.String(limit.name);
    writer.Signed(limit.max.minor);
    writer.Varint(limit.max.currency.packed());
  }
}

Currency ReadCurrency(ByteReader& reader) {
  const uint64_t packed = reader.Varint();
  const auto currency =
      packed <= UINT16_MAX ? Currency::FromPacked(static_cast<uint16_t>(packed)) : std::nullopt;
  if (!currency) reader.Fail();
  return currency.value_or(Currency());
}

void DecodeOwner(ByteReader& reader, AccountProfile& owner) {
  constexpr size_t kText = Profile::kTextBytesMax;
  owner.display_name = ReadText(reader, kText);
  owner.locale = ReadText(reader, kText);
  owner.timezone = ReadText(reader, kText);
  owner.country = ReadText(reader, kText);
  owner.tier = ReadText(reader, kText);
  owner.status = ReadEnum(reader, AccountStatus::kClosed);
  if (reader.Bool()) owner.opened_at = ReadTime(reader);
  owner.contacts.resize(ReadCount(reader, Profile::kContactsMax, 3));
  for (Contact& contact : owner.contacts) {
    contact.channel = ReadEnum(reader, ContactChannel::kWebhook);
    const uint8_t flags = reader.Byte();
    if (flags > 3) reader.Fail();
    contact.verified = (flags & 1) != 0;
    contact.primary = (flags & 2) != 0;
    contact.address = ReadText(reader, kText);
  }
  owner.limits.resize(ReadCount(reader, Profile::kLimitsMax, 3));
  for (ProfileLimit& limit : owner.limits) {
    limit.name = ReadText(reader, kText);
    limit.max.minor = reader.Signed();
    limit.max.currency = ReadCurrency(reader);
  }
}

size_t HeapOf(const AccountProfile& owner) {
  size_t bytes = HeapBytesOf(owner.display_name) + HeapBytesOf(owner.locale) + HeapBytesOf(owner.timezone) +
                 HeapBytesOf(owner.country) + HeapBytesOf(owner.tier);
  bytes += HeapBytesOf(owner.contacts) + HeapBytesOf(owner.limits);
  for (const Contact& contact : owner.contacts) bytes += HeapBytesOf(contact.address);
  for (const ProfileLimit& limit : owner.limits) bytes += HeapBytesOf(limit.name);
  return bytes;
}

}  // namespace

// Most accounts have no profile, or one that never changes: the owner follows only when there is one.
void Profile::Encode(ByteWriter& writer) const {
  WriteTime(writer, first_seen);
  WriteTime(writer, updated_at);
  writer.String(tenant);
  if (updated_at == kTimestampMin) return;
  EncodeOwner(owner, writer);
  writer.Bool(!before.empty());
  if (before.empty()) return;
  WriteTime(writer, before.front().updated_at);
  if (before.front().updated_at != kTimestampMin) EncodeOwner(before.front().owner, writer);
}

bool Profile::Decode(ByteReader& reader, uint8_t version, Profile& into) {
  into.first_seen = ReadTime(reader);
  into.updated_at = ReadTime(reader);
  into.tenant = version >= 3 ? ReadText(reader, kTextBytesMax) : std::string();
  if (into.updated_at == kTimestampMin) return reader.ok();
  DecodeOwner(reader, into.owner);
  if (version == 1 || !reader.Bool()) return reader.ok();
  Before& before = into.before.emplace_back();
  before.updated_at = ReadTime(reader);
  if (before.updated_at != kTimestampMin) DecodeOwner(reader, before.owner);
  return reader.ok() && before.updated_at <= into.updated_at;
}

size_t Profile::HeapBytes() const {
  size_t bytes = HeapBytesOf(before) + HeapBytesOf(tenant) + HeapOf(owner);
  for (const Before& one : before) bytes += HeapOf(one.owner);
  return bytes;
}

}  // namespace tocsin::detectors
