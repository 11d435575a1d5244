// Attacks on accounts: one kind for each detector of the catalogue that a single account, or a campaign over
// several, can show. Each is written as a thief would do it, among the owner's ordinary days, and labelled.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "daemon/generate/ordinary_day.h"
#include "daemon/generate/scribe.h"

namespace tocsin::daemon::generate {

enum class AttackKind : uint8_t {
  kTakeover,
  kPhishing,
  kPasswordGuessing,
  kDistributedGuessing,
  kGuessedIn,
  kImpossibleTravel,
  kSessionMoved,
  kConcurrentPlaces,
  kNewCountry,
  kAnonymousNetwork,
  kDeviceTampered,
  kMfaFatigue,
  kPartialSuccess,
  kSecondFactorRemoved,
  kSensitiveBurst,
  kLimitBreach,
  kLimitProbing,
  kLimitRaisedThenSpent,
  kStructuring,
  kUnusualAmount,
  kVelocity,
  kNewPayeeLarge,
  kAccountDrain,
  kPassThrough,
  kCardTesting,
  kDormantReactivation,
  kRepeatedFailure,
  kStuckTransaction,
  kPasswordSpraying,
  kCredentialStuffing,
  kDeviceShared,
  kMulePayee,
  kNaiveLogin,
  kVpnLogin,
  kTargetedLogin,
  kVeryTargetedLogin,
  kNewDevice,
  kNewNetwork,
  kNewRegion,
  kHighRiskCountry,
  kLocaleMismatch,
  kUnusualHour,
  kCoolingOff,
  kLimitApproach,
  kBalanceMismatch,
  kUserReported,
};

struct AttackInfo {
  AttackKind kind;
  std::string_view name;  // In labels and --attacks; that of the detector it is for, where there is one.
  int accounts;           // Hit by one campaign; 1: an attack on one account.
  std::string_view about;
};
[[nodiscard]] std::span<const AttackInfo> AttackCatalogue();
[[nodiscard]] const AttackInfo& InfoOf(AttackKind kind);

// What --labels says of one attack.
struct Label {
  uint32_t account = 0;
  AttackKind kind = AttackKind::kTakeover;
  Timestamp from;
  Timestamp until;
  std::vector<std::string> event_ids;
};

// One of the accounts that an attack hits.
struct Target {
  uint64_t campaign = 0;  // Seed of what all of them share: when, from where, with what, for whom.
  int place = 0;          // Number among them, from 0.
};

// Writes an attack that begins on that day. Some owners answer "not me" afterwards.
[[nodiscard]] Label WriteAttack(AttackKind kind, Scribe& scribe, const Day& day, const Target& target,
                                Random& random);

}  // namespace tocsin::daemon::generate
