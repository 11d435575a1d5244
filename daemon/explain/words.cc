#include "daemon/explain/words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "embedded/detector_pages.h"

namespace tocsin::daemon {
namespace {

using Sentence = std::pair<std::string_view, std::string_view>;
constexpr std::array kSentences = {
    Sentence{"learning", "The account's history is still too short to say what is usual for it."},
    Sentence{"no_address", "The event has no IP address."},
    Sentence{"private_address", "The address is a private or reserved one: it belongs to no place."},
    Sentence{"no_database", "No database is configured that could tell."},
    Sentence{"not_in_database", "The database does not know this address."},
    Sentence{"no_balance", "The event does not tell the balance, and none is known."},
    Sentence{"no_rate", "An amount could not be converted: no exchange rate is configured for its currency."},
    Sentence{"no_payee", "The payment names nobody who is paid: a shop, a terminal, or no counterparty."},
    Sentence{"no_list", "No country is listed in the configuration."},
    Sentence{"age_unknown", "The profile does not say when the account was opened."},
    Sentence{"no_device", "The event does not say which device was used."},
    Sentence{"country_only", "Only the country is known, which is too coarse for distances."},
    Sentence{"saturated", "So much happened on this account that part of it had to be forgotten."},
    Sentence{"not_a_use",
             "It is not a use of the account that succeeded (a failed login, money that came in, was "
             "declined or given back)."},
    Sentence{"disabled", "The detector is switched off in the configuration."},
    Sentence{"no_counterparty_country", "The payment does not say in which country its other side is."},
    Sentence{"small_population", "Too few logins of other accounts have been seen to say what is rare."},
    Sentence{"money_in", "The money came in: only what the account sends is judged."},
    Sentence{"not_counted", "The transaction does not count: it was declined, failed or was given back."},
    Sentence{
        "no_limits",
        "No declared limit could answer: none holds for this account, or none of the kind that is looked "
        "for here."},
    Sentence{"no_session", "The event does not say in which session it happened."},
    Sentence{"no_time_zone", "The event tells no time zone, or none that can be compared with the place."},
    Sentence{
        "cross_border_unknown",
        "A limit counts payments across the border only, and the country of one of the two is not known."},
    Sentence{"anonymised", "The address hides where its user is (VPN, proxy, Tor): it is no place."},
};

}  // namespace

std::string WhyNotEvaluable(std::string_view code) {
  for (const auto& [known, sentence] : kSentences) {
    if (known == code) return std::string(sentence);
  }
  std::string text(code);
  std::ranges::replace(text, '_', ' ');
  return text;
}

std::string_view NeedsText(detectors::Needs needs) {
  switch (needs) {
    case detectors::Needs::kAtLeast:
      return "at least";
    case detectors::Needs::kLessThan:
      return "less than";
    case detectors::Needs::kMoreThan:
      break;
  }
  return "more than";
}

std::string GoalOf(std::string_view detector) {
  constexpr std::string_view kHeading = "## Goal\n";
  const std::string wanted = "/" + std::string(detector) + ".md";
  for (const auto& [file, page] : embedded::detector_pages_all()) {
    if (!std::string_view(file).ends_with(wanted)) continue;
    const std::string_view text(page);
    const size_t begin = text.find(kHeading);
    if (begin == std::string_view::npos) return {};
    std::string goal(text.substr(begin + kHeading.size(),
                                 text.find("\n#", begin + kHeading.size()) - begin - kHeading.size()));
    // The first paragraph, in one line, without marks; a blank line may stand before it.
    goal.erase(0, goal.find_first_not_of('\n'));
    goal = goal.substr(0, goal.find("\n\n"));
    std::erase(goal, '`');
    std::erase(goal, '*');
    std::ranges::replace(goal, '\n', ' ');
    while (goal.ends_with(' ')) goal.pop_back();
    return goal;
  }
  return {};
}

}  // namespace tocsin::daemon
