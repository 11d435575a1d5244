#include "daemon/explain/explanation.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "alerts/event_text.h"
#include "alerts/risk.h"
#include "alerts/timeline.h"
#include "alerts/value_text.h"
#include "daemon/explain/terms.h"
#include "daemon/explain/words.h"
#include "detectors/limits/account_limits.h"
#include "detectors/novelty.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

using detectors::AccountState;
using detectors::Tenure;
using schemas::Event;

[[gnu::format(printf, 1, 2)]] std::string Format(const char* format, ...) {
  char text[200];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

std::string Known(std::string text, schemas::Missing missing) {
  if (missing == schemas::Missing::kNo) return text;
  return "unknown: " + WhyNotEvaluable(detectors::WhyMissing(missing));
}

void AddFact(std::vector<Fact>& facts, std::string name, std::string value) {
  if (!value.empty()) facts.emplace_back(std::move(name), std::move(value));
}

std::vector<Fact> FactsOf(const Event& event) {
  std::vector<Fact> facts;
  const schemas::Place& place = event.facts.place;
  const schemas::Network& network = event.facts.network;
  const schemas::Device& device = event.facts.device;
  AddFact(facts, "place",
          Known(detectors::PlaceLabel(place) + Format(" (by %s, within %.0f km)",
                                                      std::string(schemas::Name(place.precision)).c_str(),
                                                      place.radius_km),
                place.missing));
  if (network.has_address) AddFact(facts, "address", network.address.ToMasked());
  std::string class_text(schemas::Name(network.network_class));
  if (network.anonymiser != schemas::Anonymiser::kNone)
    class_text.append(", ").append(schemas::Name(network.anonymiser));
  if (!network.evidence.empty())
    class_text.append(" (known from ").append(Spoken(network.evidence)).append(")");
  AddFact(facts, "network", Known(detectors::NetworkLabel(network), network.missing));
  AddFact(facts, "kind of network", class_text);
  if (network.anonymity_missing != schemas::Missing::kNo)
    AddFact(facts, "anonymity", Known({}, network.anonymity_missing));
  std::string device_text = detectors::DeviceLabel(device);
  device_text += device.id.empty() ? ", without an id of its own" : ", with an id of its own";
  if (device.emulator) device_text += ", an emulator";
  if (device.rooted) device_text += ", rooted";
  AddFact(facts, "device",
          device.missing == schemas::Missing::kNo ? device_text : "unknown: " + WhyNotEvaluable("no_device"));
  AddFact(facts, "session", event.session_id.empty() ? "" : "named");
  if (const schemas::Login* const login = event.login()) {
    AddFact(facts, "method", Spoken(schemas::Name(login->method)));
    AddFact(facts, "second factor", Spoken(schemas::Name(login->mfa)));
  }
  if (const schemas::Transaction* const transaction = event.transaction()) {
    AddFact(facts, "direction", std::string(schemas::Name(transaction->direction)));
    AddFact(facts, "counterparty", Spoken(schemas::Name(transaction->counterparty.type)));
    AddFact(facts, "counterparty country", transaction->counterparty.country);
  }
  return facts;
}

void AddHabit(std::vector<Habit>& habits, std::string kind, std::string label, const Tenure& tenure,
              Timestamp at) {
  constexpr const char* kStandings[] = {"known", "waiting", "refused"};
  habits.push_back({.kind = std::move(kind),
                    .label = std::move(label),
                    .standing = kStandings[static_cast<size_t>(tenure.standing)],
                    .trust = detectors::Trust(tenure, at),
                    .uses = double{tenure.uses},
                    .first_seen = tenure.first_seen,
                    .last_seen = LastSeen(tenure)});
}

std::vector<Habit> HabitsOf(const AccountState& state, Timestamp at) {
  std::vector<Habit> habits;
  for (const auto& place : state.places().known)
    AddHabit(habits, "place", place.label.empty() ? place.country : place.label, place.tenure, at);
  for (const auto& network : state.networks().known) {
    std::string label = detectors::NetworkLabel(network);
    label.append(label.empty() ? "" : ", ").append(schemas::Name(network.network_class));
    AddHabit(habits, "network", label, network.tenure, at);
  }
  for (const auto& device : state.devices().known)
    AddHabit(habits, "device", detectors::DeviceLabel(device), device.tenure, at);
  return habits;
}

std::vector<Fact> AccountFacts(const Observed& observed, const TimeZone& zone) {
  const AccountState& state = *observed.before;
  std::vector<Fact> facts;
  const detectors::SignIns& sign_ins = state.sign_ins();
  AddFact(facts, "sign-ins not under suspicion", Format("%u", sign_ins.successes));
  if (sign_ins.successes > 0) {
    AddFact(facts, "first and last of them",
            LocalTimeText(sign_ins.first_success, zone) + ", " + LocalTimeText(sign_ins.last_success, zone));
  }
  AddFact(facts, "failed attempts remembered (76 h)", Format("%zu", state.failures().attempts.size()));
  AddFact(facts, "security steps remembered (9 d)", Format("%zu", state.security().stages.size()));
  AddFact(facts, "journeys announced", Format("%zu", state.security().travel.size()));
  AddFact(facts, "transactions remembered", Format("%zu", state.money().entries.size()));
  for (const detectors::AmountHistogram& amounts : state.money().histograms) {
    AddFact(facts, std::string(amounts.currency.code()) + ", outgoing " + Spoken(schemas::Name(amounts.kind)),
            Format("%u so far", amounts.seen));
  }
  AddFact(facts, "tier", state.profile().owner.tier);
  AddFact(facts, "time zone", state.profile().owner.timezone);
  AddFact(facts, "open case",
          observed.case_was_open ? "yes: what is new waits, nothing is learnt by age" : "no");
  AddFact(facts, "logins of all accounts in this partition (decayed)",
          Format("%.0f", observed.population_logins));
  if (observed.country_share >= 0) {
    AddFact(facts, "of these from " + observed.event.facts.place.country,
            Format("%.2f %%", 100 * observed.country_share));
  }
  return facts;
}

double AddendOf(std::span<const schemas::Addend> addends, std::string_view detector) {
  const auto found = std::ranges::find(addends, detector, &schemas::Addend::detector);
  return found == addends.end() ? 0 : found->weight;
}

bool IsAtCap(const alerts::RiskConfig& risk, schemas::Family family,
             std::span<const schemas::Addend> addends) {
  double sum = 0;
  for (const detectors::DetectorInfo& info : detectors::Catalogue()) {
    if (info.family == family) sum += AddendOf(addends, info.id);
  }
  return sum > alerts::CapOf(risk, family) - 1e-9;
}

// Why a claim counts for nothing.
std::string WhyShadow(const schemas::Claim& claim, const Observed& observed, const TimeZone& zone) {
  const auto evidence = [&claim](std::string_view name) -> std::string {
    const auto found = std::ranges::find(claim.evidence, name, &schemas::Evidence::name);
    return found == claim.evidence.end() ? "" : std::get<std::string>(found->value);
  };
  if (const std::string until = evidence("allowed_until"); !until.empty()) {
    return "In case " + evidence("allowed_by_case") +
           " an analyst called what this detector finds a false positive: it is allowed for this account "
           "until " +
           LocalTimeText(ParseRfc3339(until).value_or(Timestamp{}), zone) + ".";
  }
  const auto rule = std::ranges::find(observed.precision_rules, claim.detector, &Precision::Rule::detector);
  if (rule != observed.precision_rules.end() && observed.precision.IsDemoted(*rule)) {
    const Precision::Counts& counts = observed.precision.counts().find(claim.detector)->second;
    return Format("Of %lld findings that people have judged %lld were right: ",
                  static_cast<long long>(counts.labels()), static_cast<long long>(counts.right)) +
           Format("%.2f, below the precision_floor of %.2f. ", counts.share(), rule->floor) +
           "The detector went to shadow in this partition on " + LocalTimeText(counts.demoted_at, zone) +
           "; restored_at brings it back.";
  }
  return "The detector's mode is shadow in the configuration.";
}

ExplainedClaim ClaimOf(const schemas::Claim& claim, const Observed& observed, const TimeZone& zone) {
  ExplainedClaim explained{
      .finding_id = schemas::FindingId(observed.event.account_id, claim),
      .severity = std::string(schemas::Name(claim.severity)),
      .shadow = claim.mode == schemas::Mode::kShadow,
      .shadow_why = claim.mode == schemas::Mode::kShadow ? WhyShadow(claim, observed, zone) : "",
      .weight = claim.weight,
      .cause = claim.cause,
      .evidence = claim.evidence};
  for (const schemas::Reason& reason : claim.reasons) {
    explained.sentences.push_back(
        alerts::ReasonSentence(alerts::Locale::kEn, reason.code, reason.observed, reason.usual));
  }
  for (const schemas::Finding& finding : observed.decision.findings) {
    if (finding.finding_id != explained.finding_id) continue;
    explained.told = true;
    explained.severity = schemas::Name(finding.severity);
  }
  return explained;
}

// REQUIRES: explanation.addends.
void ExplainVerdicts(const Observed& observed, const alerts::RiskConfig& risk, Explanation& explanation) {
  const auto catalogue = detectors::Catalogue();
  const std::vector<schemas::Addend> found =
      alerts::AddendsOf(risk, observed.cases, observed.event.occurred_at);
  for (size_t i = 0; i < catalogue.size(); ++i) {
    const detectors::Verdict& verdict = observed.verdicts.verdicts[i];
    const detectors::DetectorInfo& info = catalogue[i];
    if (verdict.kind() == detectors::Verdict::Kind::kNotEvaluable &&
        verdict.why() == detectors::kOtherEvent) {
      explanation.other.emplace_back(info.id);
      continue;
    }
    ExplainedVerdict explained{.detector = std::string(info.id), .title = std::string(info.title)};
    explained.leaning = verdict.leaning();
    if (verdict.alert()) {
      explained.answer = "alert";
      explained.words = GoalOf(info.id);
    } else if (verdict.clear()) {
      explained.answer = "clear";
      explained.words = GoalOf(info.id);
    } else {
      explained.answer = "not_evaluable";
      explained.why = verdict.why();
      explained.words = WhyNotEvaluable(verdict.why());
    }
    for (const detectors::Measure& measure : observed.measures) {
      if (measure.detector == info.id && explained.answer != "not_evaluable")
        explained.measures.push_back(measure);
    }
    for (const schemas::Claim& claim : observed.claims) {
      if (claim.detector != info.id) continue;
      ExplainedClaim& known = explained.claims.emplace_back(ClaimOf(claim, observed, explanation.zone));
      known.counts = known.shadow ? 0 : AddendOf(explanation.addends, info.id);
      if (!known.shadow && IsAtCap(risk, info.family, explanation.addends)) {
        known.capped_family = schemas::Name(info.family);
        known.cap = alerts::CapOf(risk, info.family);
      }
    }
    if (verdict.clear() && AddendOf(found, info.id) != 0)
      explained.standing = AddendOf(explanation.addends, info.id);
    for (const schemas::Retraction& gone : observed.retractions) {
      if (gone.detector != info.id) continue;
      std::string id = schemas::FindingId(observed.event.account_id, gone);
      // Only what was told.
      const bool told =
          std::ranges::any_of(observed.decision.findings, [&id](const schemas::Finding& finding) {
            return finding.finding_id == id && finding.status == schemas::FindingStatus::kSuperseded;
          });
      if (told) explained.takes_back.push_back(std::move(id));
    }
    explanation.verdicts.push_back(std::move(explained));
  }
}

std::vector<std::string> DoneOf(const alerts::Decision& decision) {
  std::vector<std::string> done;
  done.reserve(decision.findings.size());
  for (const schemas::Finding& finding : decision.findings) {
    done.push_back("finding " + finding.finding_id + " (" + TitleOf(finding.detector) + ", " +
                   std::string(schemas::Name(finding.status)) + ")" +
                   (finding.case_id.empty() ? "" : " in case " + finding.case_id));
  }
  for (const schemas::Notice& notice : decision.notices)
    done.push_back("notice to the owner: " + Spoken(notice.template_name) + ", " + notice.reference);
  for (const schemas::Ticket& ticket : decision.tickets) {
    done.push_back("ticket " + ticket.reference + ": " + std::string(schemas::Name(ticket.operation)) + ", " +
                   std::string(schemas::Name(ticket.priority)));
  }
  for (const schemas::Action& action : decision.actions)
    done.push_back("asked of the platform: " + Spoken(schemas::Name(action.action)) + " (" +
                   TitleOf(action.reason) + ")");
  if (const int calm = decision.notices_held - decision.notices_unaddressed; calm > 0)
    done.push_back(Format("notices held back to stay calm: %d", calm));
  if (decision.notices_unaddressed > 0) {
    done.push_back(Format("notices with nobody to write to, the owner has no verified contact: %d",
                          decision.notices_unaddressed));
  }
  return done;
}

}  // namespace

Explanation Explain(const Observed& observed, const alerts::RiskConfig& risk) {
  const Event& event = observed.event;
  const TimeZone zone = detectors::AccountZone(observed.before->profile().OwnerAt(event.occurred_at));
  const schemas::TimelineEntry entry = alerts::ToEntry(alerts::Describe(event), false);
  Explanation explanation{.event_id = event.event_id.str(),
                          .account_id = event.account_id.str(),
                          .occurred_at = event.occurred_at,
                          .zone = zone,
                          .what = entry.what,
                          .facts = FactsOf(event),
                          .account = AccountFacts(observed, zone),
                          .habits = HabitsOf(*observed.before, event.occurred_at),
                          .risk = observed.decision.risk,
                          .bias = risk.bias,
                          .medium_at = risk.medium_at,
                          .high_at = risk.high_at,
                          .critical_at = risk.critical_at,
                          .done = DoneOf(observed.decision)};
  explanation.addends = alerts::AddendsOf(risk, observed.cases, event.occurred_at, observed.leanings);
  ExplainVerdicts(observed, risk, explanation);
  return explanation;
}

}  // namespace tocsin::daemon
