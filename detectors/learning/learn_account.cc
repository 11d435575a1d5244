#include "detectors/learning/learn_account.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "detectors/guessed_in.h"
#include "detectors/guessing.h"
#include "detectors/security_events.h"
#include "detectors/state/codec.h"
#include "detectors/takeover_stages.h"

namespace tocsin::detectors {
namespace {

using schemas::AccountChange;
using schemas::AccountProfile;
using schemas::ChangeKind;
using schemas::Contact;

void Cut(std::string& text) { text.resize(CutUtf8(text, Profile::kTextBytesMax).size()); }

AccountProfile Bounded(const AccountProfile& profile) {
  AccountProfile bounded = profile;
  for (std::string* text :
       {&bounded.display_name, &bounded.locale, &bounded.timezone, &bounded.country, &bounded.tier})
    Cut(*text);
  // Half an address reaches nobody, or somebody else.
  std::erase_if(bounded.contacts, [](const Contact& c) { return c.address.size() > Profile::kTextBytesMax; });
  if (bounded.contacts.size() > Profile::kContactsMax) bounded.contacts.resize(Profile::kContactsMax);
  std::erase_if(bounded.limits,
                [](const schemas::ProfileLimit& l) { return l.name.size() > Profile::kTextBytesMax; });
  if (bounded.limits.size() > Profile::kLimitsMax) bounded.limits.resize(Profile::kLimitsMax);
  return bounded;
}

bool HasAddress(const std::vector<Contact>& contacts, const Contact& wanted) {
  return std::any_of(contacts.begin(), contacts.end(), [&](const Contact& c) {
    return c.channel == wanted.channel && c.address == wanted.address;
  });
}

void KeepReplacedContacts(const AccountProfile& before, const AccountProfile& after, Timestamp at,
                          AccountState& state) {
  for (const Contact& contact : before.contacts) {
    if (HasAddress(after.contacts, contact)) continue;
    state.MutableSecurity().InsertPreviousContact(contact, at, state.recent_events().newest);
  }
}

// Who was it? Other steps are what the owner may have done with his own hands.
bool IsOfStranger(Stage stage) {
  return stage == Stage::kNewDevice || stage == Stage::kNewCountry || stage == Stage::kAnonymousNetwork ||
         stage == Stage::kGuessedIn;
}

bool IsAbout(const schemas::Event& answer, const Context& context, const StageSeen& seen) {
  if (!IsOfStranger(seen.stage) || seen.at > answer.occurred_at) return false;
  const auto& causes = context.answered_causes;
  return std::find(causes.begin(), causes.end(), std::string_view(seen.event_id)) != causes.end();
}

void LearnAnswer(const schemas::Event& event, const Context& context, AccountState& state) {
  // The owner's "me" may be the thief's, who holds the mailbox as well.
  if (event.feedback()->by != schemas::FeedbackBy::kAnalyst) return;
  const schemas::FeedbackVerdict verdict = event.feedback()->verdict;
  if (verdict != schemas::FeedbackVerdict::kMe && verdict != schemas::FeedbackVerdict::kFalsePositive) return;
  const auto about = [&](const StageSeen& seen) { return IsAbout(event, context, seen); };
  const std::vector<StageSeen>& stages = state.security().stages;
  if (std::none_of(stages.begin(), stages.end(), about)) return;
  std::erase_if(state.MutableSecurity().stages, about);
}

void LearnChange(const schemas::Event& event, AccountState& state) {
  const AccountChange& change = *event.change();
  const Timestamp newest = state.recent_events().newest;
  if (change.change == ChangeKind::kTravelNotice && change.travel) {
    state.MutableSecurity().InsertTravel(*change.travel, newest);
  }
  const bool contact =
      change.change == ChangeKind::kEmailChanged || change.change == ChangeKind::kPhoneChanged;
  if (contact && change.previous_contact) {
    state.MutableSecurity().InsertPreviousContact(*change.previous_contact, event.occurred_at, newest);
  }
}

void LearnGuessedIn(const Verdict& verdict, AccountState& state) {
  const Timestamp newest = state.recent_events().newest;
  for (const Retraction& retraction : verdict.retractions()) {
    const auto retracted = [&](const StageSeen& s) {
      return s.stage == Stage::kGuessedIn && s.event_id == retraction.cause.front();
    };
    const std::vector<StageSeen>& stages = state.security().stages;
    if (std::any_of(stages.begin(), stages.end(), retracted))
      std::erase_if(state.MutableSecurity().stages, retracted);
  }
  for (const Claim& claim : verdict.claims()) {
    if (claim.mode != schemas::Mode::kLive || claim.severity < schemas::Severity::kMedium) continue;
    state.MutableSecurity().InsertStage(
        {.stage = Stage::kGuessedIn, .at = claim.occurred_at, .event_id = claim.cause.front()}, newest);
  }
}

}  // namespace

void LearnRecentEvents(const schemas::Event& event, AccountState& state) {
  state.MutableRecentEvents().Insert(event.occurred_at, event.DedupKey(), WhoCaused(event));
}

void LearnProfile(const schemas::Event& event, AccountState& state) {
  const Timestamp at = event.occurred_at;
  const Profile& profile = state.profile();
  if (profile.first_seen == kTimestampMin || at < profile.first_seen) state.MutableProfile().first_seen = at;
  if (profile.tenant.empty() && !event.tenant.empty()) state.MutableProfile().tenant = event.tenant;

  if (!profile.before.empty() && state.recent_events().newest - profile.updated_at > Profile::kBeforeKept)
    state.MutableProfile().before = {};
  if (event.profile() != nullptr) LearnLateProfile(event, state);
}

void LearnLateProfile(const schemas::Event& event, AccountState& state) {
  const Timestamp at = event.occurred_at;
  const Profile& profile = state.profile();
  if (profile.IsOfAnother(event)) return;
  if (!event.tenant.empty() && profile.tenant != event.tenant) state.MutableProfile().tenant = event.tenant;
  AccountProfile bounded = Bounded(*event.profile());
  if (at >= profile.updated_at) {
    KeepReplacedContacts(profile.owner, bounded, at, state);
    Profile& changed = state.MutableProfile();
    changed.before.resize(1);
    changed.before.front() = {.owner = std::exchange(changed.owner, std::move(bounded)),
                              .updated_at = std::exchange(changed.updated_at, at)};
  } else if (!profile.before.empty() && at >= profile.before.front().updated_at) {
    // It came late, between the last two.
    KeepReplacedContacts(profile.before.front().owner, bounded, at, state);
    KeepReplacedContacts(bounded, profile.owner, profile.updated_at, state);
    state.MutableProfile().before.front() = {.owner = std::move(bounded), .updated_at = at};
  }
}

void LearnSignIns(const schemas::Event& event, bool suspicious, const Context& context, AccountState& state) {
  if (event.login() == nullptr || !event.IsSuccessfulUse()) return;
  RecentSuccess success = ToRecentSuccess(event, state, context);
  success.counted = !suspicious;
  success.waits = true;
  SignIns& sign_ins = state.MutableSignIns();
  sign_ins.InsertRecent(success, state.recent_events().newest);
  if (suspicious) return;
  const Timestamp at = event.occurred_at;
  const bool first = sign_ins.successes == 0;
  sign_ins.first_success = first ? at : std::min(sign_ins.first_success, at);
  sign_ins.last_success = first ? at : std::max(sign_ins.last_success, at);
  if (sign_ins.successes < std::numeric_limits<uint32_t>::max()) ++sign_ins.successes;
}

void LearnFailures(const schemas::Event& event, AccountState& state) {
  const Timestamp newest = state.recent_events().newest;
  if (IsGuess(event)) {
    state.MutableFailures().Insert(ToAttempt(event), newest);
  } else if (state.failures().CanPrune(newest)) {
    state.MutableFailures().Prune(newest);
  }
}

void LearnSecurity(const schemas::Event& event, const DetectionResult& result, const Context& context,
                   AccountState& state) {
  if (const StageList stages = StagesOf(event, state, context); !stages.empty()) {
    AddStages(event, stages, state, state.MutableSecurity());
  }
  if (event.change() != nullptr) LearnChange(event, state);
  if (event.feedback() != nullptr) LearnAnswer(event, context, state);
  if (event.login() != nullptr) LearnGuessedIn(result.Of(GuessedIn::kInfo.id), state);
  const Timestamp newest = state.recent_events().newest;
  if (state.security().CanPrune(newest)) state.MutableSecurity().Prune(newest);
}

void LearnSecurityLog(const schemas::Event& event, const Context& context, AccountState& state) {
  const Timestamp newest = state.recent_events().newest;
  if (std::optional<SecurityEvent> logged = SecurityEventOf(event, state, context)) {
    state.MutableSecurityLog().Insert(*std::move(logged), newest);
  } else if (state.security_log().CanPrune(newest)) {
    state.MutableSecurityLog().Prune(newest);
  }
}

}  // namespace tocsin::detectors
