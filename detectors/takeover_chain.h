// Finds the steps of an account takeover in a row: a strange login, defences taken down, money sent away.
// Each step alone is everyday; together they are a story.
//
// Method: the steps (takeover_stages.h) of the account are kept with their times. Kinds of step are counted
// once each: new country and anonymous network are one. A chain begins when, within 72 h, two kinds and then
// money out, or three kinds without it, have come together; it goes on as long as steps follow within 72 h of
// each other, at most 144 h; what comes after that begins a chain of its own, with the steps of the 72 h
// before it. Its cause is its earliest step, so it is one finding that grows. From four kinds on, money out
// included, it is critical. The weight adds what each kind is worth, halved for every 36 h of age, and money
// out multiplies it by the kinds already seen. A chain of which every step was taken on the owner's own
// device (first used 72 h ago, trusted, or the first), with no sign of a stranger (place, guessing), weighs
// half and is one severity lower: owners tidy up too. What an owner answers takes no step back: whoever holds
// the mailbox can answer.
//
// A chain ends when the owner has the account back: after a report (not me, confirmed fraud) the account was
// unfrozen, or the password renewed on the account's own device. What was done to that end is no step.
//
// Steps may arrive in any order: chains are worked out anew from the kept steps, and a chain whose earliest
// step moves is retracted under its old cause.
//
// Reads: AccountState::security, devices, places, networks, money (for steps that arrive late).
// Blind to: a thief who only pays from the owner's own device; steps the platform does not publish. A guessed
// login counts from the next event on, because detectors do not see each other's answers.
//
// Thread safety: immutable after construction; Evaluate may run on any number of threads.
#pragma once

#include <array>
#include <chrono>

#include "base/setting.h"
#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_info.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::detectors {

class TakeoverChain final {
 public:
  static constexpr DetectorInfo kInfo{
      .id = "takeover_chain",
      .title = "Takeover chain",
      .family = schemas::Family::kTakeover,
      .techniques = {"F1006", "T1098"},  // Account takeover; account manipulation.
      .severity = schemas::Severity::kHigh,
      .weight = 1.0,
      .events = kLogins | kTransactions | kChanges,
  };
  struct Config {
    int kinds_with_money_min = 2;
    int kinds_min = 3;
    int kinds_critical = 4;  // Money out included.
    std::chrono::seconds half_life = std::chrono::hours(36);
    double money_factor = 0.25;  // Money out multiplies the weight by 1 + this × kinds.
    double points_password = 1.0;
    double points_device = 1.0;
    double points_place = 0.8;
    double points_contact = 1.5;
    double points_notifications = 1.5;
    double points_mfa = 1.5;
    double points_limit = 1.0;
    double points_payee = 0.8;
    double points_guessed = 1.5;

    static const std::array<Setting<Config>, 14> kSettings;
  };

  explicit TakeoverChain(const Config& config) : config_(config) {}

  // Pure: equal arguments give equal verdicts; no clock, no I/O, no global. `state` is the account before the
  // event. An event that is no step is clear, or not evaluable where it is a use of which nothing could be
  // compared.
  [[nodiscard]] Verdict Evaluate(const schemas::Event& event, const AccountState& state,
                                 const Context& context) const;

 private:
  Config config_;
};

}  // namespace tocsin::detectors
