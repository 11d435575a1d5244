#include "schemas/codec/members.h"

#include <array>
#include <cstring>

#include "base/check.h"

namespace tocsin::schemas::codec {
namespace {

using enum Member;

constexpr auto kMembers = std::to_array<MemberInfo>({
    {kType, Context::kEvent, "type", "type"},
    {kEventId, Context::kEvent, "event_id", "event_id"},
    {kSource, Context::kEvent, "source", "source"},
    {kAccountId, Context::kEvent, "account_id", "account_id"},
    {kOccurredAt, Context::kEvent, "occurred_at", "occurred_at"},
    {kTenant, Context::kEvent, "tenant", "tenant"},
    {kSessionId, Context::kEvent, "session_id", "session_id"},
    {kIp, Context::kEvent, "ip", "ip"},
    {kUserAgent, Context::kEvent, "user_agent", "user_agent"},
    {kChannel, Context::kEvent, "channel", "channel"},
    {kLocale, Context::kEvent, "locale", "locale"},
    {kTimezone, Context::kEvent, "timezone", "timezone"},
    {kTraceparent, Context::kEvent, "traceparent", "traceparent"},
    {kDevice, Context::kEvent, "device", "device", Context::kDevice},
    {kOutcome, Context::kEvent, "outcome", "outcome"},
    {kFailureReason, Context::kEvent, "failure_reason", "failure_reason"},
    {kMethod, Context::kEvent, "method", "method"},
    {kMfa, Context::kEvent, "mfa", "mfa"},
    {kTransactionId, Context::kEvent, "transaction_id", "transaction_id"},
    {kKind, Context::kEvent, "kind", "kind"},
    {kDirection, Context::kEvent, "direction", "direction"},
    {kStatus, Context::kEvent, "status", "status"},
    {kDeclineReason, Context::kEvent, "decline_reason", "decline_reason"},
    {kAmount, Context::kEvent, "amount", "amount"},
    {kCurrency, Context::kEvent, "currency", "currency"},
    {kBalanceAfter, Context::kEvent, "balance_after", "balance_after"},
    {kCounterparty, Context::kEvent, "counterparty", "counterparty", Context::kCounterparty},
    {kInstrument, Context::kEvent, "instrument", "instrument", Context::kInstrument},
    {kCrossBorder, Context::kEvent, "cross_border", "cross_border"},
    {kChange, Context::kEvent, "change", "change"},
    {kPreviousContact, Context::kEvent, "previous_contact", "previous_contact", Context::kPreviousContact},
    {kPayee, Context::kEvent, "payee", "payee", Context::kPayee},
    {kLimit, Context::kEvent, "limit", "limit", Context::kLimit},
    {kTravel, Context::kEvent, "travel", "travel", Context::kTravel},
    {kDisplayName, Context::kEvent, "display_name", "display_name"},
    {kContacts, Context::kEvent, "contacts", "contacts", Context::kNone, Context::kContact},
    {kCountry, Context::kEvent, "country", "country"},
    {kTier, Context::kEvent, "tier", "tier"},
    {kOpenedAt, Context::kEvent, "opened_at", "opened_at"},
    {kLimits, Context::kEvent, "limits", "limits", Context::kNone, Context::kProfileLimit},
    {kVerdict, Context::kEvent, "verdict", "verdict"},
    {kBy, Context::kEvent, "by", "by"},
    {kCaseId, Context::kEvent, "case_id", "case_id"},
    {kFindingId, Context::kEvent, "finding_id", "finding_id"},
    {kNoticeId, Context::kEvent, "notice_id", "notice_id"},
    {kSpecversionInEvent, Context::kEvent, "specversion", "specversion"},
    {kDeviceId, Context::kDevice, "id", "device.id"},
    {kDevicePlatform, Context::kDevice, "platform", "device.platform"},
    {kDeviceModel, Context::kDevice, "model", "device.model"},
    {kDeviceOsVersion, Context::kDevice, "os_version", "device.os_version"},
    {kDeviceAppVersion, Context::kDevice, "app_version", "device.app_version"},
    {kDeviceName, Context::kDevice, "name", "device.name"},
    {kDeviceEmulator, Context::kDevice, "emulator", "device.emulator"},
    {kDeviceRooted, Context::kDevice, "rooted", "device.rooted"},
    {kCounterpartyId, Context::kCounterparty, "id", "counterparty.id"},
    {kCounterpartyName, Context::kCounterparty, "name", "counterparty.name"},
    {kCounterpartyCountry, Context::kCounterparty, "country", "counterparty.country"},
    {kCounterpartyType, Context::kCounterparty, "type", "counterparty.type"},
    {kInstrumentId, Context::kInstrument, "id", "instrument.id"},
    {kInstrumentType, Context::kInstrument, "type", "instrument.type"},
    {kPreviousContactChannel, Context::kPreviousContact, "channel", "previous_contact.channel"},
    {kPreviousContactAddress, Context::kPreviousContact, "address", "previous_contact.address"},
    {kPreviousContactVerified, Context::kPreviousContact, "verified", "previous_contact.verified"},
    {kPreviousContactPrimary, Context::kPreviousContact, "primary", "previous_contact.primary"},
    {kPayeeId, Context::kPayee, "id", "payee.id"},
    {kLimitName, Context::kLimit, "name", "limit.name"},
    {kLimitPrevious, Context::kLimit, "previous", "limit.previous"},
    {kLimitValue, Context::kLimit, "value", "limit.value"},
    {kLimitCurrency, Context::kLimit, "currency", "limit.currency"},
    {kTravelCountries, Context::kTravel, "countries", "travel.countries", Context::kNone,
     Context::kCountries},
    {kTravelFrom, Context::kTravel, "from", "travel.from"},
    {kTravelUntil, Context::kTravel, "until", "travel.until"},
    {kContactChannel, Context::kContact, "channel", "channel"},
    {kContactAddress, Context::kContact, "address", "address"},
    {kContactVerified, Context::kContact, "verified", "verified"},
    {kContactPrimary, Context::kContact, "primary", "primary"},
    {kProfileLimitName, Context::kProfileLimit, "name", "name"},
    {kProfileLimitMax, Context::kProfileLimit, "max", "max"},
    {kProfileLimitCurrency, Context::kProfileLimit, "currency", "currency"},
    {kSpecversion, Context::kEnvelope, "specversion", "specversion"},
    {kCloudId, Context::kEnvelope, "id", "id"},
    {kCloudSource, Context::kEnvelope, "source", "source"},
    {kCloudType, Context::kEnvelope, "type", "type"},
    {kCloudTime, Context::kEnvelope, "time", "time"},
    {kCloudSubject, Context::kEnvelope, "subject", "subject"},
    {kCloudDatacontenttype, Context::kEnvelope, "datacontenttype", "datacontenttype"},
    {kCloudDataschema, Context::kEnvelope, "dataschema", "dataschema"},
    {kCloudPartitionkey, Context::kEnvelope, "partitionkey", "partitionkey"},
    {kCloudTenant, Context::kEnvelope, "tenant", "tenant"},
    {kCloudTraceparent, Context::kEnvelope, "traceparent", "traceparent"},
    {kData, Context::kEnvelope, "data", "data", Context::kEvent},
    {kDataBase64, Context::kEnvelope, "data_base64", "data_base64"},
});
static_assert(kMembers.size() == kMemberCount);
static_assert(
    [] {
      for (size_t i = 0; i < kMembers.size(); ++i) {
        if (Index(kMembers[i].member) != i) return false;
      }
      return true;
    }(),
    "rows stand in the order of Member");

// A name as two words: its first and its last eight bytes. With the length they are the whole name, as none
// is longer than sixteen bytes, so two names are compared without a loop or a call.
struct Key {
  uint64_t head = 0;
  uint64_t tail = 0;  // 0 for names of up to eight bytes.
  uint8_t size = 0;
  Context context = Context::kNone;

  friend constexpr bool operator==(const Key&, const Key&) = default;
};

constexpr uint64_t WordAt(std::string_view name, size_t at) {
  uint64_t word = 0;
  for (size_t i = 0; i < 8 && at + i < name.size(); ++i) {
    word |= static_cast<uint64_t>(static_cast<unsigned char>(name[at + i])) << (8 * i);
  }
  return word;
}

constexpr auto kKeys = [] {
  std::array<Key, kMemberCount> keys{};
  for (size_t i = 0; i < kMemberCount; ++i) {
    const std::string_view name = kMembers[i].name;
    keys[i] = {WordAt(name, 0), name.size() > 8 ? WordAt(name, name.size() - 8) : 0,
               static_cast<uint8_t>(name.size()), kMembers[i].context};
  }
  return keys;
}();
static_assert(
    [] {
      for (const MemberInfo& info : kMembers) {
        if (info.name.size() > 16) return false;
      }
      return true;
    }(),
    "two words hold a name");

constexpr size_t kBuckets = 512;  // A fifth full: most names are found at the first try.
constexpr uint8_t kEmpty = 0xff;

constexpr size_t Bucket(const Key& key) {
  const uint64_t rest = key.size * 0x9e3779b97f4a7c15ull ^ static_cast<uint64_t>(key.context) << 56;
  return ((key.head ^ key.tail >> 3 ^ rest) * 0xd6e8feb86659fd93ull) >> 55;
}

constexpr std::array<uint8_t, kBuckets> kTable = [] {
  std::array<uint8_t, kBuckets> table{};
  table.fill(kEmpty);
  for (size_t i = 0; i < kMemberCount; ++i) {
    size_t bucket = Bucket(kKeys[i]);
    while (table[bucket] != kEmpty) bucket = (bucket + 1) % kBuckets;
    table[bucket] = static_cast<uint8_t>(i);
  }
  return table;
}();

}  // namespace

const MemberInfo& InfoOf(Member member) { return kMembers[Index(member)]; }

const MemberInfo* FindMember(Context context, std::string_view name) {
  if (name.size() > 16) return nullptr;
  Key key{.head = 0, .tail = 0, .size = static_cast<uint8_t>(name.size()), .context = context};
  std::memcpy(&key.head, name.data(), 8);
  if (name.size() > 8) {
    std::memcpy(&key.tail, name.data() + name.size() - 8, 8);
  } else if (name.size() < 8) {
    key.head &= (uint64_t{1} << (8 * name.size())) - 1;
  }
  for (size_t bucket = Bucket(key);; bucket = (bucket + 1) % kBuckets) {
    const uint8_t at = kTable[bucket];
    if (at == kEmpty) return nullptr;
    if (kKeys[at] == key) return &kMembers[at];
  }
}

Member FirstOf(Context element) {
  CHECK(element == Context::kContact || element == Context::kProfileLimit);
  return element == Context::kContact ? kContactChannel : kProfileLimitName;
}

}  // namespace tocsin::schemas::codec
