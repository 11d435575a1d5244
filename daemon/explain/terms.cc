#include "daemon/explain/terms.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>
#include <variant>

#include "alerts/localize.h"
#include "detectors/detector_set.h"

namespace tocsin::daemon {
namespace {

struct Term {
  std::string_view name;
  std::string_view words;
  bool yes_or_no = false;
};

// Names without one of these are said word by word.
constexpr std::array kMeasures = {
    Term{"account_age_days", "age of the account in days"},
    Term{"after_new_device", "shortly after a new device", true},
    Term{"after_reset", "shortly after a password reset", true},
    Term{"at_a_limit", "declined for exceeding a limit, or up to exactly one", true},
    Term{"balance_24h", "balance before the payments of 24 hours"},
    Term{"balance_before", "balance before it"},
    Term{"balances_to_compare", "balances that can be compared"},
    Term{"by chance", "probability of as many by chance"},
    Term{"changes", "security changes close to each other"},
    Term{"count", "number of transactions"},
    Term{"crosses_the_line", "it is the payment that crosses the line", true},
    Term{"days_unseen", "days since it was last used"},
    Term{"days_waited", "days it has waited to become known"},
    Term{"declined_or_failed", "the payment was declined or failed", true},
    Term{"declines", "payments declined for exceeding a limit"},
    Term{"device_factor", "how much rarer the device is than for this account"},
    Term{"different_attempts", "different attempts that were declined"},
    Term{"distance_effective_km", "distance in km beyond the accuracy of both places"},
    Term{"distance_km", "distance in km"},
    Term{"earlier_device_not_refused", "the owner has not refused the earlier device", true},
    Term{"ends_a_run_of_prompts", "it is the first success right after too many prompts", true},
    Term{"factor_on_untrusted_device", "a second factor was used, and not on a trusted device", true},
    Term{"factor_removed", "a second factor was removed lately", true},
    Term{"failed_attempt", "it is a failed login", true},
    Term{"failed_second_factor", "the password was right and the second factor failed", true},
    Term{"failures", "failed attempts"},
    Term{"failures_anywhere", "failed attempts from anywhere"},
    Term{"failures_long", "failed attempts in the long window"},
    Term{"failures_of_its_source", "failed attempts from the same address or device"},
    Term{"failures_short", "failed attempts in the short window"},
    Term{"from_many_places", "the failed attempts are many and from many places", true},
    Term{"goes_on_with_a_chain", "it goes on with a chain of steps that was found before", true},
    Term{"hidden_network", "the network hides where its user is", true},
    Term{"high_risk_actions", "it is a high-risk action", true},
    Term{"hours_removed", "hours since the second factor was removed"},
    Term{"hours_since_waking", "hours since the account woke"},
    Term{"instruments", "different cards"},
    Term{"is_paid", "it is a payment that counts", true},
    Term{"just_under_it", "the amount is just under it", true},
    Term{"ladder", "declined attempts in a row, each of a larger amount"},
    Term{"limit_that_counts_it", "a declared limit counts this transaction", true},
    Term{"listed_countries", "countries that are on the list"},
    Term{"may_test_a_card", "a card or an unnamed means of payment may be tested by it", true},
    Term{"mismatches", "balances that do not follow from the one before"},
    Term{"money_left_after_steps", "money left after enough steps of a takeover", true},
    Term{"money_passed_on", "money is passed on by it", true},
    Term{"moves_money", "money moves: it was not declined, failed or given back", true},
    Term{"network_factor", "how much rarer the network is than for this account"},
    Term{"new", "it is new for the account", true},
    Term{"new_break_ins", "a guessed login that was not found before", true},
    Term{"new_devices_in_period", "new devices in the cooling-off period"},
    Term{"new_payee", "the payee is new", true},
    Term{"new_payees_24h", "new payees in 24 hours"},
    Term{"new_senders", "new senders around it"},
    Term{"new_senders_before_it", "new senders in the 24 hours before it"},
    Term{"new_step", "it is itself a step of a takeover", true},
    Term{"news_of_the_payment", "it tells something new of its transaction", true},
    Term{"not_exceeded", "the limit itself is not exceeded", true},
    Term{"not_found_before", "it was not found before", true},
    Term{"not_judged_before", "it was not judged before", true},
    Term{"not_near_before", "it had not come near in this window before", true},
    Term{"not_restored", "no other second factor came in time", true},
    Term{"oddities", "oddities of the device"},
    Term{"off_minutes", "minutes between the client's time zone and those of its place"},
    Term{"open_transaction", "a withdrawal or transfer waits for its outcome", true},
    Term{"other_address", "the address is another one", true},
    Term{"other_device", "the device is another one", true},
    Term{"other_device_family", "the device is of another kind", true},
    Term{"other_network", "the network is another one", true},
    Term{"other_sessions_in_use", "another session was in use", true},
    Term{"other_spot_of_session", "it is elsewhere than where the session began", true},
    Term{"outside_household", "the two are not the account's homes", true},
    Term{"paid_before", "earlier payments of at least this size, faded by age"},
    Term{"payee_age_hours", "hours since the payee was first paid or added"},
    Term{"payments_1h", "payments in 1 hour"},
    Term{"payments_24h", "payments in 24 hours"},
    Term{"prompt_or_success", "it is a prompt for the second factor, or a success", true},
    Term{"prompts", "prompts denied or not answered"},
    Term{"raised_limit", "a limit was raised shortly before", true},
    Term{"received_24h", "received in 24 hours"},
    Term{"says_it_was_not_me", "it says that it was not the owner", true},
    Term{"score", "how much rarer the login is than for this account"},
    Term{"session_used_before", "the session was used before", true},
    Term{"share", "share of the logins at such an hour"},
    Term{"share_24h", "share of the balance that left in 24 hours"},
    Term{"share_of_balance", "share of the balance"},
    Term{"share_of_new_part", "share of the raised part that was used"},
    Term{"share_passed_on", "share of what was received that was passed on"},
    Term{"silence_days", "days of silence before it"},
    Term{"steps", "steps that lead up to it"},
    Term{"steps_before_money", "steps of a takeover before the money"},
    Term{"still_open", "it has no outcome", true},
    Term{"strange_device", "the device is strange to the account", true},
    Term{"strange_device_or_place", "the device or the place is strange to the account", true},
    Term{"successes_after", "a successful use came after it", true},
    Term{"sum_1h", "sum of 1 hour"},
    Term{"sum_24h", "sum of 24 hours"},
    Term{"sum_in_period", "sum in the cooling-off period"},
    Term{"travel_speed_kmh", "speed of the travel in km/h"},
    Term{"unaccustomed", "the account is not in the habit of it", true},
    Term{"unseen_device", "nobody has seen the device before", true},
    Term{"use_or_failed_attempt", "it is a successful use or a failed login", true},
    Term{"uses_to_compare", "another use can be compared with it", true},
    Term{"waiting_hours", "hours without an outcome"},
    Term{"z", "distance from the usual amounts in spreads (robust z)"},
};

constexpr std::array<std::string_view, 17> kYesOrNo = {
    "after_new_device", "after_reset",    "all_factors_off",     "approved",         "has_device_id",
    "hidden_network",   "money_out",      "other_device_family", "own_device",       "partial_window",
    "payee_added",      "same_device",    "seen_before",         "sign_of_stranger", "strange_device",
    "strange_place",    "trusted_device",
};

const Term* Find(std::string_view name) {
  const auto* const found = std::ranges::find(kMeasures, name, &Term::name);
  return found == kMeasures.end() ? nullptr : &*found;
}

// What stands before the term: "limit daily-out, " of "limit daily-out, not_exceeded". A limit's name may
// hold a comma.
size_t TermAt(std::string_view name) {
  if (!name.starts_with("limit ")) return 0;
  const size_t comma = name.rfind(", ");
  return comma == std::string_view::npos ? 0 : comma + 2;
}

// Of the last word of a name.
std::string_view Suffix(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kSuffixes = {{
      {"seconds", ", seconds"},
      {"minutes", ", minutes"},
      {"hours", ", hours"},
      {"days", ", days"},
      {"km", ", km"},
      {"kmh", ", km/h"},
      {"min", ", at least needed"},
      {"max", ", at most allowed"},
      {"1h", " in 1 hour"},
      {"24h", " in 24 hours"},
      {"30d", " in 30 days"},
      {"p95", ", exceeded one time in 20"},
      {"ln", " (natural logarithm)"},
  }};
  for (const auto& [known, said] : kSuffixes) {
    if (word == known) return said;
  }
  return {};
}

}  // namespace

std::string LocalTimeText(Timestamp at, const TimeZone& zone) {
  const LocalTime local = zone.ToLocal(at);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d:%02d (", local.year, local.month, local.day,
                local.hour, local.minute, local.second);
  return text + alerts::FormatUtcOffset(local.offset) + ")";
}

std::string Spoken(std::string_view code) {
  std::string text(code);
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string TitleOf(std::string_view detector) {
  for (const detectors::DetectorInfo& info : detectors::Catalogue()) {
    if (info.id == detector) return std::string(info.title);
  }
  return std::string(detector);
}

std::string MeasureName(std::string_view name) {
  const size_t at = TermAt(name);
  const Term* const term = Find(name.substr(at));
  if (at > 0) return std::string(name.substr(0, at)).append(term == nullptr ? name.substr(at) : term->words);
  return term == nullptr ? Spoken(name) : std::string(term->words);
}

bool IsYesOrNo(const detectors::Measure& measure) {
  const Term* const term = Find(std::string_view(measure.name).substr(TermAt(measure.name)));
  const auto* const value = std::get_if<int64_t>(&measure.value);
  return term != nullptr && term->yes_or_no && value != nullptr && (*value == 0 || *value == 1);
}

std::string EvidenceName(std::string_view name) {
  std::string tail;
  for (;;) {
    const size_t last = name.rfind('_');
    if (last == std::string_view::npos) break;
    const std::string_view said = Suffix(name.substr(last + 1));
    if (said.empty()) break;
    tail.insert(0, said);
    name = name.substr(0, last);
  }
  return Spoken(name) + tail;
}

bool SaysYesOrNo(std::string_view evidence_name) {
  return std::ranges::find(kYesOrNo, evidence_name) != kYesOrNo.end();
}

}  // namespace tocsin::daemon
