// One account's life, event by event: every detector judges, then the account learns, as the daemon does it.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_set.h"
#include "detectors/learning/learning.h"
#include "detectors/limits/limit.h"
#include "detectors/population.h"
#include "schemas/event.h"
#include "schemas/finding.h"

namespace tocsin::test {

class AccountStory {
 public:
  explicit AccountStory(detectors::DetectorConfigs configs = {}) : detectors_(configs) {}

  // Evaluates and learns; a duplicate or a late event does neither, as in the daemon. The result is that of
  // the last event that was judged.
  const detectors::DetectionResult& Run(const schemas::Event& event) {
    const detectors::RecentEvents& recent = state_.recent_events();
    if (recent.Contains(event.occurred_at, event.DedupKey()) ||
        recent.IsLate(event.occurred_at, detectors::WhoCaused(event)))
      return result_;
    const std::vector<std::string> causes = AnsweredCauses(event);
    const std::vector<std::string_view> answered(causes.begin(), causes.end());
    const detectors::Context context{.population = population_,
                                     .limits = limits_,
                                     .learning = learning_,
                                     .case_open = case_open_,
                                     .answered_causes = answered};
    detectors_.Evaluate(event, state_, context, result_);
    for (const detectors::Verdict& verdict : result_.verdicts) Keep(verdict);
    detectors::Learn(event, result_, context, state_, population_);
    return result_;
  }
  void RunAll(const std::vector<schemas::Event>& events) {
    for (const schemas::Event& event : events) Run(event);
  }

  // Claims not retracted, by detector, subject or else causes, and discriminator: what a case would hold.
  [[nodiscard]] const std::map<std::string, schemas::Claim>& active() const { return active_; }
  // Their identities, of one detector: the causes joined by "+", "" apart from the discriminator.
  [[nodiscard]] std::vector<std::string> ActiveCauses(std::string_view detector) const {
    std::vector<std::string> causes;
    for (const auto& [id, claim] : active_) {
      if (claim.detector == detector) causes.push_back(Causes(claim.cause));
    }
    std::sort(causes.begin(), causes.end());
    return causes;
  }
  // The active claim of a detector. REQUIRES: there is exactly one.
  [[nodiscard]] const schemas::Claim& Only(std::string_view detector) const {
    const schemas::Claim* only = nullptr;
    for (const auto& [id, claim] : active_) {
      if (claim.detector != detector) continue;
      CHECK(only == nullptr);
      only = &claim;
    }
    CHECK(only != nullptr);
    return *only;
  }

  // The id of that finding.
  [[nodiscard]] std::string FindingOf(std::string_view detector) const {
    return schemas::FindingId(AccountId("account-1"), Only(detector));
  }

  [[nodiscard]] const detectors::AccountState& state() const { return state_; }
  detectors::AccountState& state() { return state_; }
  detectors::Population& population() { return population_; }
  detectors::LimitTable& limits() { return limits_; }
  detectors::LearningConfig& learning() { return learning_; }
  void set_case_open(bool open) { case_open_ = open; }

 private:
  static std::string Causes(const std::vector<std::string>& cause) {
    std::string joined;
    for (const std::string& id : cause) joined += (joined.empty() ? "" : "+") + id;
    return joined;
  }
  template <class Named>
  static std::string Identity(const Named& named) {
    const std::string what = named.subject.empty() ? Causes(named.cause) : "new " + named.subject;
    return std::string(named.detector) + "|" + what + "|" + named.discriminator;
  }

  // Of what the feedback names, as the daemon finds them; without a finding's id of all that is active: the
  // case.
  [[nodiscard]] std::vector<std::string> AnsweredCauses(const schemas::Event& event) const {
    std::vector<std::string> causes;
    if (event.feedback() == nullptr) return causes;
    const std::string& finding = event.feedback()->finding_id;
    for (const auto& [id, claim] : active_) {
      if (!finding.empty() && schemas::FindingId(event.account_id, claim) != finding) continue;
      causes.insert(causes.end(), claim.cause.begin(), claim.cause.end());
    }
    return causes;
  }

  void Keep(const detectors::Verdict& verdict) {
    for (const schemas::Retraction& gone : verdict.retractions()) {
      active_.erase(Identity(gone));
    }
    for (const schemas::Claim& claim : verdict.claims()) {
      active_.insert_or_assign(Identity(claim), claim);
    }
  }

  detectors::DetectorSet detectors_;
  detectors::Population population_;
  detectors::LimitTable limits_;
  detectors::LearningConfig learning_;
  bool case_open_ = false;
  detectors::AccountState state_;
  detectors::DetectionResult result_;
  std::map<std::string, schemas::Claim> active_;
};

}  // namespace tocsin::test
