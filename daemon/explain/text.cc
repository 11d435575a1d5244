// The explanation as a support agent reads it in a terminal: what was found first, then what was not and why.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <variant>

#include "alerts/risk.h"
#include "daemon/explain/explanation.h"
#include "daemon/explain/terms.h"
#include "daemon/explain/words.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kWidth = 100;

// Words of `text` in lines of kWidth, each but the first begun with `indent` spaces.
void Wrap(std::string& out, size_t indent, std::string_view text) {
  size_t column = indent;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, space);
    if (column > indent && column + 1 + word.size() > kWidth) {
      out.append("\n").append(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  out += '\n';
}

// Plain up to 1e15: so many digits that count, or as many as stand before the point.
std::string Number(double value, int digits = 4) {
  constexpr double kPlainMax = 1e15;
  const double size = std::abs(value);
  const bool whole = value == std::floor(value) || size >= std::pow(10.0, digits - 1);
  char text[40];
  if (whole && size < kPlainMax) {
    std::snprintf(text, sizeof text, "%.0f", value);
  } else {
    std::snprintf(text, sizeof text, "%.*g", digits, value);
  }
  return text;
}

std::string ValueText(const schemas::EvidenceValue& value, int digits = 4) {
  if (const auto* whole = std::get_if<int64_t>(&value)) return std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&value)) return Number(*number, digits);
  return std::get<std::string>(value);
}

void Rows(std::string& out, const std::vector<Fact>& facts) {
  size_t width = 0;
  for (const Fact& fact : facts) width = std::max(width, fact.first.size());
  for (const auto& [name, value] : facts) {
    out.append("  ").append(name).append(width - name.size() + 2, ' ');
    Wrap(out, width + 4, value);
  }
}

// The addend that the sum below has, and why it is not the whole weight.
std::string CountsText(const ExplainedClaim& claim) {
  constexpr double kAsPrinted = 0.005;
  char text[160];
  if (claim.shadow) {
    std::snprintf(text, sizeof text, "would add %+.2f to the risk", claim.weight);
  } else if (std::abs(claim.counts - claim.weight) < kAsPrinted) {
    std::snprintf(text, sizeof text, "adds %+.2f to the risk", claim.counts);
  } else if (claim.counts > claim.weight) {
    std::snprintf(text, sizeof text, "adds no more to the risk than the detector has there, %+.2f",
                  claim.counts);
  } else if (!claim.capped_family.empty()) {
    std::snprintf(text, sizeof text, "adds %+.2f of %+.2f to the risk: family %s is at its cap of %.2f",
                  claim.counts, claim.weight, claim.capped_family.c_str(), claim.cap);
  } else {
    std::snprintf(text, sizeof text, "adds %+.2f of %+.2f to the risk: it fades, or its case is closed",
                  claim.counts, claim.weight);
  }
  return text;
}

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

// Of the numbers of a claim: amounts with the currency that it names, times in the account's zone.
std::string EvidenceText(const ExplainedClaim& claim, const TimeZone& zone) {
  std::string currency;
  for (const schemas::Evidence& evidence : claim.evidence) {
    if (evidence.name == "currency") currency = std::get<std::string>(evidence.value) + " ";
  }
  std::string text;
  for (const schemas::Evidence& evidence : claim.evidence) {
    if (evidence.name == "currency") continue;
    text.append(text.empty() ? "" : ", ").append(EvidenceName(evidence.name)).append(" = ");
    const auto* const words = std::get_if<std::string>(&evidence.value);
    const auto* const whole = std::get_if<int64_t>(&evidence.value);
    if (words != nullptr) {
      const auto at = ParseRfc3339(*words);
      if (IsDigits(*words) && !currency.empty()) text += currency;
      const bool is_code = evidence.name != "limit" && words->find(' ') == std::string::npos;
      if (at)
        text += LocalTimeText(*at, zone);
      else if (words->empty())
        text += "unknown";
      else
        text += is_code ? Spoken(*words) : *words;
    } else if (whole != nullptr && SaysYesOrNo(evidence.name)) {
      text += *whole != 0 ? "yes" : "no";
    } else {
      text += ValueText(evidence.value);
    }
  }
  return text;
}

void ClaimText(std::string& out, const ExplainedVerdict& verdict, const ExplainedClaim& claim,
               const TimeZone& zone) {
  out.append("  ").append(verdict.title).append(" (").append(verdict.detector).append("), severity ");
  out.append(claim.severity).append(claim.shadow ? ", in shadow: counts for nothing" : "");
  out.append(claim.told ? "" : ", already known: nobody is told again").append("\n");
  if (!claim.shadow_why.empty()) {
    out += "    why in shadow: ";
    Wrap(out, 19, claim.shadow_why);
  }
  for (const std::string& sentence : claim.sentences) {
    out += "    - ";
    Wrap(out, 6, sentence);
  }
  out.append("    ").append(CountsText(claim)).append("; finding ").append(claim.finding_id).append("\n");
  out += "    caused by ";
  std::string causes;
  for (const std::string& cause : claim.cause) causes.append(causes.empty() ? "" : ", ").append(cause);
  Wrap(out, 14, causes);
  if (const std::string numbers = EvidenceText(claim, zone); !numbers.empty()) {
    out += "    numbers: ";
    Wrap(out, 13, numbers);
  }
}

// "distance in km = 12.5, more than 100": with so many digits that what is missing can be seen.
std::string MeasureText(const detectors::Measure& measure, bool met) {
  if (IsYesOrNo(measure)) return MeasureName(measure.name);
  constexpr int kDigitsMax = 17;
  std::string value = ValueText(measure.value);
  std::string threshold = ValueText(measure.threshold);
  const bool equal_is_met = measure.needs == detectors::Needs::kAtLeast;
  for (int digits = 5; value == threshold && equal_is_met != met && digits <= kDigitsMax; ++digits) {
    value = ValueText(measure.value, digits);
    threshold = ValueText(measure.threshold, digits);
  }
  return MeasureName(measure.name) + " = " + value + ", " + std::string(NeedsText(measure.needs)) + " " +
         threshold;
}

struct Conditions {
  std::string met;
  std::string missing;  // Numbers.
  std::string not_so;   // What is so or is not.
};
Conditions ConditionsOf(const std::vector<detectors::Measure>& measures) {
  Conditions all;
  for (const detectors::Measure& measure : measures) {
    const bool is_met = detectors::IsMet(measure).value_or(false);
    const bool words = IsYesOrNo(measure);
    std::string& text = is_met ? all.met : words ? all.not_so : all.missing;
    text.append(text.empty() ? "" : "; ").append(MeasureText(measure, is_met));
    if (!is_met && !words) text += " would be found";
  }
  return all;
}

// What was missing, and apart from it what was not: that would be no reason to find nothing.
void MeasuresText(std::string& out, const std::vector<detectors::Measure>& measures) {
  Conditions all = ConditionsOf(measures);
  if (!all.missing.empty()) {
    out += "    measured: ";
    Wrap(out, 14, all.missing);
  }
  if (!all.not_so.empty()) {
    out += "    not so: ";
    Wrap(out, 12, all.not_so);
  }
  if (all.met.empty()) return;
  if (all.missing.empty() && all.not_so.empty()) all.met += "; what excused it is not among these numbers";
  out += "    met: ";
  Wrap(out, 9, all.met);
}

bool IsLevel(double risk, double at) { return risk >= at; }

// "one in 40", "38 in 100"; never the certainty that nobody has.
std::string OddsText(double share) {
  if (share < 0.1) return "one in " + Number(std::round(1 / std::max(1e-9, share)));
  const double percent = std::round(100 * share);
  return percent < 100 ? Number(percent) + " in 100" : "more than 99 in 100";
}

void RiskText(std::string& out, const Explanation& explanation) {
  char line[160];
  std::snprintf(line, sizeof line, "\nRisk of the account after it: %.4f", explanation.risk);
  out += line;
  const char* level = "below medium";
  if (IsLevel(explanation.risk, explanation.medium_at)) level = "medium";
  if (IsLevel(explanation.risk, explanation.high_at)) level = "high";
  if (IsLevel(explanation.risk, explanation.critical_at)) level = "critical";
  std::snprintf(line, sizeof line, " (%s; medium from %.2f, high from %.2f, critical from %.2f)\n", level,
                explanation.medium_at, explanation.high_at, explanation.critical_at);
  out += line;
  double sum = explanation.bias;
  std::snprintf(line, sizeof line, "  %+7.2f  any account, before any evidence\n", explanation.bias);
  out += line;
  for (const schemas::Addend& addend : explanation.addends) {
    std::snprintf(line, sizeof line, "  %+7.2f  %s\n", addend.weight, TitleOf(addend.detector).c_str());
    out += line;
    sum += addend.weight;
  }
  const std::string odds = OddsText(alerts::Sigmoid(sum));
  std::snprintf(line, sizeof line, "  %+7.2f  in log-odds: %s\n", sum, odds.c_str());
  out += line;
}

void StandingText(std::string& out, const std::vector<ExplainedVerdict>& verdicts) {
  bool any = false;
  for (const ExplainedVerdict& verdict : verdicts) {
    if (verdict.standing == 0) continue;
    if (!any) out += "\nFound before, and still counted\n";
    any = true;
    char counts[48];
    std::snprintf(counts, sizeof counts, "): %+.2f of the risk\n", verdict.standing);
    out.append("  ").append(verdict.title).append(" (").append(verdict.detector).append(counts);
  }
}

void HabitsText(std::string& out, const std::vector<Habit>& habits, const TimeZone& zone) {
  char line[200];
  for (const Habit& habit : habits) {
    std::snprintf(line, sizeof line, "  %-8s %-44s %-8s trust %3.0f %%, %.1f uses, %s to %s\n",
                  habit.kind.c_str(), habit.label.c_str(), habit.standing.c_str(), 100 * habit.trust,
                  habit.uses, LocalTimeText(habit.first_seen, zone).substr(0, 10).c_str(),
                  LocalTimeText(habit.last_seen, zone).substr(0, 10).c_str());
    out += line;
  }
}

void Write(const Explanation& explanation, std::string& out) {
  out.append("Event ").append(explanation.event_id).append(": ").append(explanation.what).append("\n");
  out.append("  account ").append(explanation.account_id).append(", ");
  out.append(LocalTimeText(explanation.occurred_at, explanation.zone)).append(", times in ");
  out.append(explanation.zone.name()).append("\n");
  Rows(out, explanation.facts);
  if (explanation.repeats == 1) out += "  sent again, the repeat changed nothing\n";
  if (explanation.repeats > 1) {
    out.append("  sent again ").append(std::to_string(explanation.repeats));
    out += " times, the repeats changed nothing\n";
  }

  out += "\nFound\n";
  bool any = false;
  for (const ExplainedVerdict& verdict : explanation.verdicts) {
    for (const ExplainedClaim& claim : verdict.claims) ClaimText(out, verdict, claim, explanation.zone);
    if (const std::string met = ConditionsOf(verdict.measures).met; !verdict.claims.empty() && !met.empty()) {
      out += "    met: ";
      Wrap(out, 9, met);
    }
    for (const std::string& id : verdict.takes_back) {
      out.append("  ").append(verdict.title).append(": takes back finding ").append(id);
      out += ", which is no longer true with this event\n";
    }
    any = any || !verdict.claims.empty() || !verdict.takes_back.empty();
  }
  if (!any) out += "  Nothing.\n";
  for (const std::string& done : explanation.done) out.append("  => ").append(done).append("\n");

  RiskText(out, explanation);

  StandingText(out, explanation.verdicts);

  out += "\nLooked at, and not found\n";
  for (const ExplainedVerdict& verdict : explanation.verdicts) {
    if (verdict.answer != "clear" || verdict.standing != 0) continue;
    out.append("  ")
        .append(verdict.title)
        .append(" (")
        .append(verdict.detector)
        .append(")\n    looked for: ");
    Wrap(out, 20, verdict.words);
    MeasuresText(out, verdict.measures);
    if (verdict.leaning == 0) continue;
    char leaning[80];
    std::snprintf(leaning, sizeof leaning, "    leans the risk of this event by %+.2f\n", verdict.leaning);
    out += leaning;
  }
  out += "\nCould not be judged\n";
  for (const ExplainedVerdict& verdict : explanation.verdicts) {
    if (verdict.answer != "not_evaluable") continue;
    out.append("  ").append(verdict.title).append(" (").append(verdict.detector).append("): ");
    Wrap(out, 4, verdict.words);
  }
  if (!explanation.other.empty()) {
    std::string others;
    for (const std::string& detector : explanation.other)
      others.append(others.empty() ? "" : ", ").append(TitleOf(detector));
    out += "  Of no concern to this kind of event: ";
    Wrap(out, 4, others);
  }

  out += "\nWhat was known of the account before it\n";
  if (!explanation.history_complete) {
    out += "  ";
    Wrap(
        out, 2,
        "Older events are no longer in the log: what the account had learnt from them is not known here, and "
        "the answers may differ from those the daemon gave.");
  }
  Rows(out, explanation.account);
  HabitsText(out, explanation.habits, explanation.zone);
}

}  // namespace

std::string ExplanationsText(std::span<const Explanation> explanations) {
  std::string out;
  for (const Explanation& explanation : explanations) {
    if (!out.empty()) out += "\n----------------------------------------\n\n";
    Write(explanation, out);
  }
  return out;
}

}  // namespace tocsin::daemon
