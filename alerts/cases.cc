#include "alerts/cases.h"

#include <algorithm>
#include <utility>

#include "alerts/in_force.h"
#include "alerts/reference.h"
#include "alerts/support_matter.h"
#include "alerts/told.h"
#include "base/hash.h"

namespace tocsin::alerts {
namespace {

constexpr std::chrono::hours kClosedKept{30 * 24};
constexpr double kWeightMaterial = 0.5;
constexpr std::chrono::hours kDenialStands{180 * 24};

std::string CaseId(CaseGroup group, const AccountId& account, std::string_view finding_id) {
  return ToHex(IdentityHash()
                   .Add("case")
                   .Add(account.view())
                   .Add(static_cast<int64_t>(group))
                   .Add(finding_id)
                   .Finish());
}

Case NewCase(CaseGroup group, const AccountId& account, std::string_view finding_id, Timestamp at) {
  Case one;
  one.state = CaseState::kOpen;
  one.group = group;
  one.case_id = CaseId(group, account, finding_id);
  one.reference = MakeReference(one.case_id, at);
  one.opened_at = one.last_finding_at = one.open_until = at;
  return one;
}

// Full: the least telling finding goes; of equals one of failed logins, which anybody can add, then the
// oldest.
void DropOne(CaseFile& file, Case& one) {
  const auto telling = [](const CaseFinding& finding) {
    return std::pair(finding.severity, finding.detector != kGuessing);
  };
  const auto least = std::ranges::min_element(one.findings, {}, telling);
  RememberTold(file, *least, one.case_id, schemas::Mode::kLive);
  one.findings.erase(least);
  ++one.findings_dropped;
}

// When the last restriction that the case asked for ends.
Timestamp RestrictedUntil(const Case& one) {
  Timestamp until = kTimestampMin;
  for (const Asked& asked : one.actions) {
    if (IsRestriction(asked.kind)) until = std::max(until, asked.until);
  }
  return until;
}

void KeepReplaced(CaseFile& file, Case one) {
  std::vector<Case>& replaced = file.MutableReplaced();
  replaced.push_back(std::move(one));
  if (replaced.size() > CaseFile::kReplacedMax)
    replaced.erase(std::ranges::min_element(replaced, {}, RestrictedUntil));
}

// An analyst has called the owner's report right, or wrong; or anything in a case that holds no report.
bool IsDecided(const Case& one) {
  const auto report = [](const CaseFinding& finding) { return finding.family == schemas::Family::kReport; };
  const bool reported = std::ranges::any_of(one.findings, report);
  return std::ranges::any_of(one.findings, [&](const CaseFinding& finding) {
    return (!reported || report(finding)) &&
           (finding.label == Label::kRightByAnalyst || finding.label == Label::kWrongByAnalyst);
  });
}

}  // namespace

CaseGroup GroupOf(const schemas::Claim& claim) {
  const bool alarms = claim.severity > schemas::Severity::kInfo && !IsSupportMatter(claim.detector);
  return alarms ? CaseGroup::kSecurity : CaseGroup::kInformation;
}

bool IsOpen(const Case& one, Timestamp at) { return one.state == CaseState::kOpen && at < one.open_until; }

Timestamp DeniedAt(const Case& one) {
  // Of an informative case it is noted in the security case as well, where a person decides.
  const bool denied =
      one.group == CaseGroup::kSecurity && one.owner_answer == schemas::FeedbackVerdict::kNotMe;
  if (denied && one.state == CaseState::kOpen && !IsDecided(one)) return one.answered_at;
  return one.denied_at;
}

bool IsDenied(const Case& one, Timestamp at) {
  const Timestamp denied_at = DeniedAt(one);
  return denied_at != kTimestampMin && at - denied_at <= kDenialStands;
}

Case& CaseFor(CaseFile& file, CaseGroup group, const AccountId& account, std::string_view finding_id,
              Timestamp at, const CalmConfig& calm) {
  std::vector<Case>& cases = file.MutableCases();
  const auto held = std::ranges::find(cases, group, &Case::group);
  if (held != cases.end() && IsOpen(*held, at)) return *held;
  Case fresh = NewCase(group, account, finding_id, at);
  fresh.open_until = at + std::min(calm.case_idle, calm.case_max);
  if (held == cases.end()) return cases.emplace_back(std::move(fresh));
  if (fresh.case_id == held->case_id || FindIn(*held, finding_id) != nullptr) {
    // The same finding again, after its case ended: another case, and not its tickets' ids again.
    fresh.case_id = CaseId(group, account, std::string(finding_id) + "|" + held->case_id);
    fresh.reference = MakeReference(fresh.case_id, at);
  }
  if (held->state == CaseState::kOpen) {
    fresh.held_until = IsToldOfUse(*held) ? held->open_until : held->held_until;
  }
  if (IsDenied(*held, at)) fresh.denied_at = DeniedAt(*held);
  fresh.allowances = std::move(held->allowances);
  std::erase_if(fresh.allowances, [at](const Allowance& allowance) { return allowance.until <= at; });
  RememberTold(file, *held);
  if (IsRestricted(*held, at) || held->append_waits) KeepReplaced(file, std::move(*held));
  *held = std::move(fresh);
  return *held;
}

std::optional<CaseFinding> Join(CaseFile& file, Case& one, CaseFinding finding, Timestamp seen_at,
                                const CalmConfig& calm) {
  const bool told = std::max(one.severity, finding.severity) >= schemas::Severity::kMedium;
  one.last_finding_at = std::max({one.last_finding_at, finding.at, told ? seen_at : finding.at});
  one.open_until = std::min(one.last_finding_at + calm.case_idle, one.opened_at + calm.case_max);

  const auto known = std::ranges::find(one.findings, finding.finding_id, &CaseFinding::finding_id);
  std::optional<CaseFinding> before;
  if (known != one.findings.end()) {
    before = *known;
    finding.severity = std::max(finding.severity, known->severity);
    finding.label = known->label;
    finding.earlier_case = known->earlier_case;
    if (known->severity >= schemas::Severity::kMedium) {
      const Timestamp first = std::min(known->at, known->told_before);
      if (first < finding.at) finding.told_before = first;
    }
    one.findings.erase(known);
  } else {
    if (const Told* const past = FindTold(file, finding.finding_id)) {
      finding.label = past->label;
      if (past->case_id != one.case_id) finding.earlier_case = past->case_id;
    }
    ForgetTold(file, finding.finding_id);
    if (one.findings.size() >= Case::kFindingsMax) DropOne(file, one);
  }
  const auto after = std::ranges::upper_bound(one.findings, finding.at, {}, &CaseFinding::at);
  one.findings.insert(after, std::move(finding));
  return before;
}

bool MayBeTakenOver(const Case& one) {
  return std::ranges::any_of(one.findings, [](const CaseFinding& finding) {
    const bool taken =
        finding.family == schemas::Family::kTakeover || finding.family == schemas::Family::kReport;
    return taken && finding.label != Label::kWrongByAnalyst;
  });
}

bool IsStrangersMoney(const Case& one) {
  const auto payment = [](const CaseFinding& finding) { return finding.payment != 0; };
  const auto stranger = [](const CaseFinding& finding) {
    const bool of_use = finding.family == schemas::Family::kLocation ||
                        finding.family == schemas::Family::kDevice ||
                        finding.family == schemas::Family::kCredential;
    return of_use && finding.label != Label::kWrongByAnalyst;
  };
  return one.money.CountLeft() > 0 && std::ranges::any_of(one.findings, payment) &&
         std::ranges::any_of(one.findings, stranger);
}

bool HasSecret(const Case& one) { return std::ranges::any_of(one.findings, &CaseFinding::secret); }

bool IsCause(const Case& one, std::string_view event_id) {
  return std::ranges::any_of(one.findings, [event_id](const CaseFinding& finding) {
    return std::ranges::find(finding.cause, event_id) != finding.cause.end();
  });
}

CaseFinding* FindIn(Case& one, std::string_view finding_id) {
  const auto found = std::ranges::find(one.findings, finding_id, &CaseFinding::finding_id);
  return found == one.findings.end() ? nullptr : &*found;
}

const CaseFinding* FindIn(const Case& one, std::string_view finding_id) {
  const auto found = std::ranges::find(one.findings, finding_id, &CaseFinding::finding_id);
  return found == one.findings.end() ? nullptr : &*found;
}

bool IsMaterialChange(const CaseFinding& before, const CaseFinding& after) {
  return after.severity > before.severity || after.weight >= before.weight + kWeightMaterial ||
         after.reason != before.reason || after.cause.size() > before.cause.size() ||
         (before.size > 0 && after.size / 2 >= before.size) ||
         (after.family == schemas::Family::kTakeover && after.observed != before.observed);
}

namespace {

// Of a finding that no case holds.
std::optional<Left> LeaveTold(CaseFile& file, const schemas::Retraction& retraction,
                              std::string_view finding_id) {
  const Told* const told = FindTold(file, finding_id);
  if (told == nullptr) return std::nullopt;
  Left left{.finding = {.finding_id = told->finding_id,
                        .detector = std::string(retraction.detector),
                        .family = told->family,
                        .severity = told->severity,
                        .confidence = told->confidence,
                        .at = told->at,
                        .cause = retraction.cause,
                        .reason = told->reason},
            .case_id = told->case_id,
            .mode = told->mode};
  ForgetTold(file, finding_id);
  const auto of = std::ranges::find(file.cases(), left.case_id, &Case::case_id);
  if (of != file.cases().end() && of->findings_dropped > 0) {
    left.from = &file.MutableCases()[static_cast<size_t>(of - file.cases().begin())];
    --left.from->findings_dropped;
  }
  return left;
}

}  // namespace

std::optional<Left> Leave(CaseFile& file, const schemas::Retraction& retraction,
                          std::string_view finding_id) {
  const auto holds = [finding_id](const Case& one) {
    return std::ranges::find(one.findings, finding_id, &CaseFinding::finding_id) != one.findings.end();
  };
  if (std::ranges::none_of(file.cases(), holds)) return LeaveTold(file, retraction, finding_id);
  std::vector<Case>& cases = file.MutableCases();
  Case& from = *std::ranges::find_if(cases, holds);
  const auto finding = std::ranges::find(from.findings, finding_id, &CaseFinding::finding_id);
  Left left{.finding = std::move(*finding), .from = &from, .case_id = from.case_id};
  from.findings.erase(finding);
  // One that was informative and no longer is has been in a case of each group.
  for (Case& other : cases) {
    std::erase_if(other.findings, [&](const CaseFinding& one) { return one.finding_id == finding_id; });
  }
  ForgetTold(file, finding_id);
  return left;
}

Case* AnsweredCase(CaseFile& file, const schemas::Feedback& feedback) {
  std::string_view case_id = feedback.case_id;
  if (!feedback.notice_id.empty()) {
    const auto notice = std::ranges::find(file.notices(), feedback.notice_id, &NoticeSent::notice_id);
    if (notice == file.notices().end()) return nullptr;
    case_id = notice->case_id;
  }
  const auto answered = [&](const Case& one) {
    if (!case_id.empty()) return one.case_id == case_id;
    return std::ranges::find(one.findings, feedback.finding_id, &CaseFinding::finding_id) !=
           one.findings.end();
  };
  if (case_id.empty() && feedback.finding_id.empty()) return nullptr;
  if (std::ranges::none_of(file.cases(), answered)) return nullptr;
  return &*std::ranges::find_if(file.MutableCases(), answered);
}

void Prune(CaseFile& file, Timestamp at, const AlertsConfig& config) {
  const auto over = [at](const Case& one) {
    return at > one.open_until + kClosedKept && !IsDenied(one, at) &&
           std::ranges::none_of(one.allowances, [at](const Allowance& a) { return at < a.until; });
  };
  if (std::ranges::any_of(file.cases(), over)) {
    for (const Case& one : file.cases()) {
      if (over(one)) RememberTold(file, one);
    }
    std::erase_if(file.MutableCases(), over);
  }
  const auto ended = [at](const Case& one) { return !IsRestricted(one, at) && !one.append_waits; };
  if (std::ranges::any_of(file.replaced(), ended)) std::erase_if(file.MutableReplaced(), ended);
  PruneTold(file, at);

  const auto kept =
      std::max({config.calm.per_reason, config.answers.ttl, std::chrono::seconds(std::chrono::hours(24))});
  const auto old = [&](const NoticeSent& notice) { return at > notice.at + kept + std::chrono::hours(24); };
  if (std::ranges::any_of(file.notices(), old)) std::erase_if(file.MutableNotices(), old);
}

}  // namespace tocsin::alerts
