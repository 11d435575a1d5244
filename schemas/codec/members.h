// Every member the contract names (contracts.md §1–2), as a number: a decoded document is an array indexed by
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tocsin::schemas::codec {

// The object a member belongs to. Members of all event types share kEvent: `type` may stand anywhere in a
// document, so what is read before it is kept until the type is known.
enum class Context : uint8_t {
  kNone,  // Not an object of the contract: its members are unknown.
  kEvent,
  kEnvelope,  // CloudEvents structured mode.
  kDevice,
  kCounterparty,
  kInstrument,
  kPreviousContact,
  kPayee,
  kLimit,
  kTravel,
  kContact,       // An element of `contacts`.
  kProfileLimit,  // An element of `limits`.
  kCountries,     // An element of `travel.countries`: a string.
};

enum class Member : uint8_t {
  // Common.
  kType,
  kEventId,
  kSource,
  kAccountId,
  kOccurredAt,
  kTenant,
  kSessionId,
  kIp,
  kUserAgent,
  kChannel,
  kLocale,
  kTimezone,
  kTraceparent,
  kDevice,
  // Login.
  kOutcome,
  kFailureReason,
  kMethod,
  kMfa,
  // Transaction. `status` is also the profile's, `transaction_id` also feedback's.
  kTransactionId,
  kKind,
  kDirection,
  kStatus,
  kDeclineReason,
  kAmount,
  kCurrency,
  kBalanceAfter,
  kCounterparty,
  kInstrument,
  kCrossBorder,
  // Account change.
  kChange,
  kPreviousContact,
  kPayee,
  kLimit,
  kTravel,
  // Account profile.
  kDisplayName,
  kContacts,
  kCountry,
  kTier,
  kOpenedAt,
  kLimits,
  // Feedback.
  kVerdict,
  kBy,
  kCaseId,
  kFindingId,
  kNoticeId,
  // Only to notice a CloudEvent that no header announces.
  kSpecversionInEvent,
  // Inner objects.
  kDeviceId,
  kDevicePlatform,
  kDeviceModel,
  kDeviceOsVersion,
  kDeviceAppVersion,
  kDeviceName,
  kDeviceEmulator,
  kDeviceRooted,
  kCounterpartyId,
  kCounterpartyName,
  kCounterpartyCountry,
  kCounterpartyType,
  kInstrumentId,
  kInstrumentType,
  kPreviousContactChannel,
  kPreviousContactAddress,
  kPreviousContactVerified,
  kPreviousContactPrimary,
  kPayeeId,
  kLimitName,
  kLimitPrevious,
  kLimitValue,
  kLimitCurrency,
  kTravelCountries,
  kTravelFrom,
  kTravelUntil,
  kContactChannel,
  kContactAddress,
  kContactVerified,
  kContactPrimary,
  kProfileLimitName,
  kProfileLimitMax,
  kProfileLimitCurrency,
  // CloudEvents envelope.
  kSpecversion,
  kCloudId,
  kCloudSource,
  kCloudType,
  kCloudTime,
  kCloudSubject,
  kCloudDatacontenttype,
  kCloudDataschema,
  kCloudPartitionkey,
  kCloudTenant,
  kCloudTraceparent,
  kData,
  kDataBase64,
};
inline constexpr size_t kMemberCount = static_cast<size_t>(Member::kDataBase64) + 1;
inline constexpr size_t kTopLevelMembers =
    static_cast<size_t>(Member::kNoticeId) + 1;  // Those of Context::kEvent.
inline constexpr size_t kElementMembersMax = 4;  // Of one element of `contacts` or `limits`.

[[nodiscard]] constexpr size_t Index(Member member) { return static_cast<size_t>(member); }

struct MemberInfo {
  Member member;
  Context context;
  std::string_view name;
  std::string_view path;              // From the event's root; of an element, from the element.
  Context object = Context::kNone;    // When its value is an object: what that object is.
  Context elements = Context::kNone;  // When its value is an array: what its elements are.
};

[[nodiscard]] const MemberInfo& InfoOf(Member member);

// The member of that name in that object, or nullptr. About 3 ns.
// REQUIRES: 8 bytes from name.data() on may be read.
[[nodiscard]] const MemberInfo* FindMember(Context context, std::string_view name);

// The first member of an element's object: slots of an element count from here.
[[nodiscard]] Member FirstOf(Context element);

}  // namespace tocsin::schemas::codec
