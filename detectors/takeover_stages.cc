#include "detectors/takeover_stages.h"

#include <algorithm>

#include "detectors/asked.h"
#include "detectors/device_trust.h"
#include "detectors/novelty.h"
#include "detectors/payments/counterparty.h"
#include "detectors/security_events.h"
#include "detectors/state/quarantine.h"
#include "detectors/verdict.h"

namespace tocsin::detectors {
namespace {

using schemas::ChangeKind;
using schemas::TransactionKind;

bool IsMoneyOut(TransactionKind kind, schemas::Direction direction, bool with_party) {
  return direction == schemas::Direction::kOut &&
         (kind == TransactionKind::kPayment || MovesToParty(kind, with_party));
}

void AddChange(const schemas::AccountChange& change, const schemas::AccountProfile& owner,
               StageList& stages) {
  switch (change.change) {
    case ChangeKind::kPasswordChanged:
    case ChangeKind::kPasswordReset:
      return stages.Add(Stage::kPasswordChanged);
    case ChangeKind::kEmailChanged:
    case ChangeKind::kPhoneChanged:
      return stages.Add(Stage::kContactChanged);
    case ChangeKind::kNotificationsChanged:
      return stages.Add(Stage::kNotificationsOff);
    case ChangeKind::kMfaDisabled:
    case ChangeKind::kMfaMethodRemoved:
      return stages.Add(Stage::kMfaOff);
    case ChangeKind::kPayeeAdded:
      return stages.Add(Stage::kPayeeAdded);
    case ChangeKind::kLimitChanged:
      if (RaisesLimit(change, owner)) stages.Add(Stage::kLimitRaised);
      return;
    case ChangeKind::kUnfrozen:
      return stages.Add(Stage::kUnfrozen);
    default:
      return;
  }
}

// Whoever did it was logged in. A reset can be asked for by anybody, and the platform does the last ones.
bool NeedsLogin(ChangeKind change) {
  switch (change) {
    case ChangeKind::kNone:
    case ChangeKind::kPasswordResetRequested:
    case ChangeKind::kTierChanged:
    case ChangeKind::kSessionsRevoked:
    case ChangeKind::kFrozen:
    case ChangeKind::kUnfrozen:
    case ChangeKind::kClosed:
    case ChangeKind::kErased:
      return false;
    default:
      return true;
  }
}

// The databases say whether the address hides somebody.
bool KnowsAnonymity(const schemas::Event& event) {
  const schemas::Network& network = event.facts.network;
  return network.anonymous() || network.anonymity_missing == schemas::Missing::kNo;
}

bool IsUse(const schemas::Event& event) {
  return event.change() != nullptr ? NeedsLogin(event.change()->change) : event.IsSuccessfulUse();
}

template <class Entry>
bool IsIntroduced(const NoveltyResult& novelty, const std::vector<Entry>& known, Timestamp at) {
  switch (novelty.novelty) {
    case Novelty::kNew:
      return novelty.compared;
    case Novelty::kRefused:
      return true;
    // It waits, but this event, arriving late, is where it really began.
    case Novelty::kPending:
      return novelty.index < known.size() && at < known[novelty.index].tenure.first_seen;
    default:
      return false;
  }
}

void AddNovelties(const schemas::Event& event, const AccountState& state, const Context& context,
                  StageList& stages) {
  const Timestamp at = event.occurred_at;
  if (IsIntroduced(DeviceNovelty(event, state, context), state.devices().known, at))
    stages.Add(Stage::kNewDevice);
  if (IsIntroduced(CountryNovelty(event, state, context), state.places().known, at)) {
    stages.Add(Stage::kNewCountry);
  } else if (event.facts.network.anonymous() &&
             IsIntroduced(AnonymityNovelty(event, state), state.networks().known, at)) {
    // The same step as the new country, which is the stronger name for it.
    stages.Add(Stage::kAnonymousNetwork);
  }
}

bool DeniesOwner(schemas::FeedbackVerdict verdict) {
  return verdict == schemas::FeedbackVerdict::kNotMe || verdict == schemas::FeedbackVerdict::kConfirmedFraud;
}

bool AnyStepBefore(const Security& security, Timestamp at) {
  return std::any_of(security.stages.begin(), security.stages.end(), [&](const StageSeen& seen) {
    return IsStep(seen.stage) && seen.stage != Stage::kMoneyOut && seen.at <= at &&
           at - seen.at <= kStageWindow;
  });
}

}  // namespace

bool StageList::Has(Stage stage) const { return std::find(all().begin(), all().end(), stage) != all().end(); }

bool IsMoneyOut(const Movement& movement) {
  return movement.counted && IsMoneyOut(movement.kind, movement.direction, movement.with_party);
}

bool IsMoneyOut(const schemas::Event& event) {
  const schemas::Transaction* transaction = event.transaction();
  return transaction != nullptr && event.IsSuccessfulUse() &&
         IsMoneyOut(transaction->kind, transaction->direction, IsParty(transaction->counterparty.type));
}

StageList StagesOf(const schemas::Event& event, const AccountState& state, const Context& context) {
  StageList stages;
  if (const schemas::Feedback* answer = event.feedback()) {
    if (DeniesOwner(answer->verdict)) stages.Add(Stage::kReported);
    return stages;
  }
  const schemas::AccountChange* change = event.change();
  if (change != nullptr && !FillsTheList(event, state))
    AddChange(*change, state.profile().OwnerAt(event.occurred_at), stages);
  if (IsUse(event) && PastLearning(event, state, context)) AddNovelties(event, state, context, stages);
  if (IsMoneyOut(event) && (!stages.empty() || AnyStepBefore(state.security(), event.occurred_at)))
    stages.Add(Stage::kMoneyOut);
  return stages;
}

std::string_view WhyNoNovelty(const schemas::Event& event, const AccountState& state,
                              const Context& context) {
  if (!IsUse(event)) return {};
  if (!PastLearning(event, state, context)) return kLearning;
  const auto compared = [](const NoveltyResult& novelty) {
    return novelty.novelty != Novelty::kNotEvaluable && novelty.compared;
  };
  const NoveltyResult device = DeviceNovelty(event, state, context);
  if (compared(device) || compared(CountryNovelty(event, state, context)) || KnowsAnonymity(event)) return {};
  return device.novelty == Novelty::kNotEvaluable ? device.why : kLearning;
}

void AddStages(const schemas::Event& event, const StageList& stages, const AccountState& state,
               Security& into) {
  const Timestamp at = event.occurred_at;
  const Timestamp newest = std::max(state.recent_events().newest, at);
  // Before the event's own steps: `into` may be the state's segment, and what is asked for here is what money
  // there is.
  const std::vector<MoneyEntry>& entries = state.money().entries;
  const auto left = [](const MoneyEntry& e) { return IsMoneyOut(e); };
  const auto begin =
      std::partition_point(entries.begin(), entries.end(), [&](const MoneyEntry& e) { return e.at < at; });
  const auto end = std::partition_point(begin, entries.end(),
                                        [&](const MoneyEntry& e) { return e.at - at <= kStageWindow; });

  const bool own_device = OnOwnDevice(event, state);
  for (const Stage stage : stages.all()) {
    into.InsertStage({.stage = stage,
                      .at = at,
                      .event_id = event.event_id.str(),
                      .own_device = own_device && stage != Stage::kMoneyOut},  // A payment is nobody's alibi.
                     newest);
  }

  if (!std::ranges::any_of(stages.all(), [](Stage s) { return IsStep(s) && s != Stage::kMoneyOut; })) return;
  // The first and the last of it say all that a chain asks.
  const auto first = std::find_if(begin, end, left);
  if (first == end) return;
  into.InsertStage({.stage = Stage::kMoneyOut, .at = first->at, .event_id = first->event_id}, newest);
  auto last = end - 1;
  while (!left(*last)) --last;
  if (last != first)
    into.InsertStage({.stage = Stage::kMoneyOut, .at = last->at, .event_id = last->event_id}, newest);
}

}  // namespace tocsin::detectors
