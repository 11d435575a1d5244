// The list of detectors: one line each. Order is the order of evaluation, of verdict lines and of the
// catalogue.
#pragma once

#include <cstddef>
#include <tuple>

#include "detectors/account_drain.h"
#include "detectors/anonymous_network.h"
#include "detectors/balance_mismatch.h"
#include "detectors/card_testing.h"
#include "detectors/concurrent_places.h"
#include "detectors/cooling_off.h"
#include "detectors/detector_info.h"
#include "detectors/device_tampered.h"
#include "detectors/dormant_reactivation.h"
#include "detectors/guessed_in.h"
#include "detectors/high_risk_country.h"
#include "detectors/impossible_travel.h"
#include "detectors/limit_approach.h"
#include "detectors/limit_breach.h"
#include "detectors/limit_probing.h"
#include "detectors/limit_raised_then_spent.h"
#include "detectors/locale_mismatch.h"
#include "detectors/login_rarity.h"
#include "detectors/mfa_fatigue.h"
#include "detectors/new_country.h"
#include "detectors/new_device.h"
#include "detectors/new_network.h"
#include "detectors/new_payee_large.h"
#include "detectors/new_region.h"
#include "detectors/partial_success.h"
#include "detectors/pass_through.h"
#include "detectors/password_guessing.h"
#include "detectors/repeated_failure.h"
#include "detectors/second_factor_removed.h"
#include "detectors/sensitive_burst.h"
#include "detectors/session_moved.h"
#include "detectors/structuring.h"
#include "detectors/stuck_transaction.h"
#include "detectors/takeover_chain.h"
#include "detectors/unusual_amount.h"
#include "detectors/unusual_hour.h"
#include "detectors/user_reported.h"
#include "detectors/velocity.h"

namespace tocsin::detectors {

template <class... Detectors>
struct DetectorList {
  static constexpr size_t kCount = sizeof...(Detectors);
};

// Configuration of one detector: what all have, and its own.
template <class D>
struct Configured {
  DetectorOptions options{.weight = D::kInfo.weight};
  typename D::Config config{};
};

using Registry =
    DetectorList<ImpossibleTravel, NewCountry, NewRegion, NewNetwork, AnonymousNetwork, ConcurrentPlaces,
                 HighRiskCountry, NewDevice, DeviceTampered, SessionMoved, LocaleMismatch, UnusualHour,
                 DormantReactivation, PasswordGuessing, GuessedIn, MfaFatigue, SecondFactorRemoved,
                 PartialSuccess, TakeoverChain, SensitiveBurst, CoolingOff, LimitBreach, LimitApproach,
                 LimitProbing, LimitRaisedThenSpent, Structuring, UnusualAmount, Velocity, NewPayeeLarge,
                 AccountDrain, PassThrough, CardTesting, RepeatedFailure, BalanceMismatch, StuckTransaction,
                 LoginRarity, UserReported>;

inline constexpr size_t kDetectorCount = Registry::kCount;

template <class List>
struct ConfigsOf;
template <class... Detectors>
struct ConfigsOf<DetectorList<Detectors...>> {
  using Type = std::tuple<Configured<Detectors>...>;
};
using DetectorConfigs = ConfigsOf<Registry>::Type;

}  // namespace tocsin::detectors
