// Rows of settings_test.cc: limits that are tried, raised and kept under; cards and support.
#include <string>
#include <vector>

#include "tests/support/setting_rows.h"

namespace tocsin::detectors {
namespace {

using schemas::DeclineReason;
using schemas::TransactionKind;
using schemas::TransactionStatus;
using test::AccountStory;
using test::Pay;
using namespace std::chrono_literals;

const Timestamp kNoon = test::At("2026-03-11T12:00:00Z");

void Sends(AccountStory& story, Millis after, std::string amount) {
  story.Run(test::Build({.id = "tx" + std::to_string(after.count()),
                         .at = kNoon + after,
                         .amount = std::move(amount),
                         .kind = TransactionKind::kTransfer}));
}
void IsRefused(AccountStory& story, Millis after, std::string amount, DeclineReason reason,
               std::string card = "") {
  story.Run(test::Build({.id = "refused" + std::to_string(after.count()),
                         .at = kNoon + after,
                         .amount = std::move(amount),
                         .status = TransactionStatus::kDeclined,
                         .kind = card.empty() ? TransactionKind::kTransfer : TransactionKind::kPayment,
                         .reason = reason,
                         .card = std::move(card)}));
}

// ---- Limits
void ThreeBeyondTheLimit(AccountStory& story) {
  for (const Millis after : {0h, 5h, 10h}) IsRefused(story, after, "CNY 900", DeclineReason::kLimitExceeded);
}
void ThreeStepsUp(AccountStory& story) {
  Sends(story, 1h, "CNY 300");
  Sends(story, 2h, "CNY 500");
  Sends(story, 3h, "CNY 700");
  IsRefused(story, 4h, "CNY 900", DeclineReason::kLimitExceeded);
}
// From CNY 1000 to 2000; 1800 are spent.
void RaisedAndSpent(AccountStory& story) {
  story.limits().limits = {test::Rolling("CNY 1000")};
  story.Run(test::LimitChanged("raise", kNoon, "rolling", "CNY 1000", "CNY 2000"));
  Sends(story, 24h, "CNY 1800");
}
void UnderTheLimit(AccountStory& story, int count, Millis gap) {
  story.limits().limits = {test::Single("CNY 1000")};
  for (int i = 0; i < count; ++i) Sends(story, gap * i, "CNY 800");
}
void ThreeUnderIt(AccountStory& story) { UnderTheLimit(story, 3, 9h); }
void FiveInAWeek(AccountStory& story) { UnderTheLimit(story, 5, 40h); }

// ---- Refused attempts
void FiveAmounts(AccountStory& story) {
  Millis after = 0ms;
  for (const char* amount : {"CNY 9", "CNY 7", "CNY 8", "CNY 6", "CNY 5"})
    IsRefused(story, after += 1min, amount, DeclineReason::kInvalidInstrument, "card");
}
void ThreeCards(AccountStory& story) {
  IsRefused(story, 0min, "CNY 5", DeclineReason::kInvalidInstrument, "card-1");
  IsRefused(story, 1min, "CNY 5", DeclineReason::kInvalidInstrument, "card-2");
  IsRefused(story, 50min, "CNY 5", DeclineReason::kInvalidInstrument, "card-3");
}
void FourSteps(AccountStory& story) {
  Millis after = 0ms;
  for (const char* amount : {"CNY 1", "CNY 2", "CNY 3", "CNY 4"})
    IsRefused(story, after += 1min, amount, DeclineReason::kInvalidInstrument, "card");
}
void ThreeFailures(AccountStory& story) {
  for (const Millis after : {0min, 10min, 30min})
    IsRefused(story, after, "CNY 100", DeclineReason::kInsufficientFunds);
}
void NothingForADay(AccountStory& story) {
  story.Run(test::Build({.id = "tx",
                         .at = kNoon,
                         .status = TransactionStatus::kAuthorized,
                         .kind = TransactionKind::kWithdrawal}));
  story.Run(test::Seen("later", kNoon + 24h));
}

}  // namespace

std::vector<test::SettingRow> LimitSettings() {
  return {
      {"limit_probing.declines_min", 3, "low 1.00", 4, "", ThreeBeyondTheLimit},
      {"limit_probing.steps_min", 3, "low 1.00", 4, "", ThreeStepsUp},
      {"limit_probing.window", 10h + 1s, "low 1.00", 10h, "", ThreeBeyondTheLimit},
      {"limit_raised_then_spent.share_min", 0.8, "medium 1.50", 0.81, "", RaisedAndSpent},
      {"limit_raised_then_spent.window", 24h, "medium 1.50", 24h - 1s, "", RaisedAndSpent},
      {"structuring.band_min", 0.8, "medium 1.00", 0.81, "", ThreeUnderIt},
      {"structuring.day_min", 3, "medium 1.00", 4, "", ThreeUnderIt},
      {"structuring.week_min", 5, "medium 1.00", 6, "", FiveInAWeek},
      {"structuring.chance_max", 0.01, "medium 1.00", 0.00001, "", ThreeUnderIt},
      {"card_testing.declines_min", 5, "medium 1.20", 6, "", FiveAmounts},
      {"card_testing.instruments_min", 3, "medium 1.20", 4, "", ThreeCards},
      {"card_testing.ladder_min", 4, "medium 1.20", 5, "", FourSteps},
      {"card_testing.window", 50min + 1s, "medium 1.20", 50min, "", ThreeCards},
      {"repeated_failure.failures_min", 3, "info 0.20", 4, "", ThreeFailures},
      {"repeated_failure.window", 30min + 1s, "info 0.20", 30min, "", ThreeFailures},
      {"stuck_transaction.window", 24h, "info 0.00", 24h + 1s, "", NothingForADay},
  };
}

}  // namespace tocsin::detectors
