#include "daemon/detection/account_view.h"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "base/json_writer.h"
#include "detectors/novelty.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

using detectors::AccountState;
using detectors::Tenure;

std::string TimeText(Timestamp at) { return at == kTimestampMin ? "" : FormatRfc3339(at); }

void Add(ViewRow& row, std::string name, std::string_view value) {
  if (!value.empty()) row.emplace_back(std::move(name), value);
}

std::string_view StandingText(detectors::Standing standing) {
  switch (standing) {
    case detectors::Standing::kKnown:
      return "known";
    case detectors::Standing::kPending:
      return "in quarantine";
    case detectors::Standing::kRefused:
      break;
  }
  return "refused";
}

void AddTenure(ViewRow& row, const Tenure& tenure, Timestamp at) {
  Add(row, "standing", StandingText(tenure.standing));
  if (tenure.standing == detectors::Standing::kKnown) {
    char trust[16];
    std::snprintf(trust, sizeof trust, "%.2f", detectors::Trust(tenure, at));
    Add(row, "trust", trust);
  }
  Add(row, "first_seen", TimeText(tenure.first_seen));
  Add(row, "last_seen", TimeText(LastSeen(tenure)));
  Add(row, "introduced_by", tenure.introduced_by);
}

ViewRow AccountRow(const AccountState& state) {
  ViewRow row;
  const schemas::AccountProfile& owner = state.profile().owner;
  Add(row, "first_seen", TimeText(state.profile().first_seen));
  Add(row, "newest_event", TimeText(state.recent_events().newest));
  if (owner.status != schemas::AccountStatus::kNone) Add(row, "status", schemas::Name(owner.status));
  Add(row, "tier", owner.tier);
  Add(row, "country", owner.country);
  Add(row, "timezone", owner.timezone);
  Add(row, "locale", owner.locale);
  if (owner.opened_at) Add(row, "opened_at", FormatRfc3339(*owner.opened_at));
  Add(row, "contacts", std::to_string(owner.contacts.size()));
  Add(row, "successful_logins", std::to_string(state.sign_ins().successes));
  Add(row, "payees", std::to_string(state.payees().known.size()));
  Add(row, "transactions_kept", std::to_string(state.money().entries.size()));
  return row;
}

std::string_view StateText(alerts::CaseState state, bool over) {
  if (state == alerts::CaseState::kResolved) return "decided";
  return over ? "ended undecided" : "open";
}

void AddCases(const Account& account, std::vector<ViewSection>& view) {
  ViewSection cases{.name = "cases", .rows = {}};
  ViewSection findings{.name = "findings", .rows = {}};
  ViewSection allowed{.name = "allowed", .rows = {}};
  for (const alerts::Case& one : account.cases.cases()) {
    ViewRow row;
    Add(row, "reference", one.reference);
    Add(row, "case_id", one.case_id);
    Add(row, "state", StateText(one.state, account.detection.recent_events().newest >= one.open_until));
    Add(row, "severity", schemas::Name(one.severity));
    if (one.ticket_open) Add(row, "ticket", schemas::Name(one.priority));
    Add(row, "opened_at", TimeText(one.opened_at));
    Add(row, "open_until", TimeText(one.open_until));
    if (one.owner_answer != schemas::FeedbackVerdict::kNone)
      Add(row, "owner_answer", schemas::Name(one.owner_answer));
    cases.rows.push_back(std::move(row));
    for (const alerts::CaseFinding& finding : one.findings) {
      ViewRow& found = findings.rows.emplace_back();
      Add(found, "detector", finding.detector);
      Add(found, "finding_id", finding.finding_id);
      Add(found, "severity", schemas::Name(finding.severity));
      Add(found, "occurred_at", TimeText(finding.at));
      Add(found, "observed", finding.observed);
      Add(found, "usual", finding.usual);
      Add(found, "case", one.reference);
    }
    for (const alerts::Allowance& allowance : one.allowances) {
      ViewRow& row_of = allowed.rows.emplace_back();
      Add(row_of, "detector", allowance.detector);
      Add(row_of, "up_to_severity", schemas::Name(allowance.severity));
      Add(row_of, "until", TimeText(allowance.until));
      Add(row_of, "by_case", allowance.case_id);
    }
  }
  for (ViewSection* const section : {&cases, &findings, &allowed}) {
    if (!section->rows.empty()) view.push_back(std::move(*section));
  }
}

}  // namespace

std::vector<ViewSection> ViewOf(const Account& account) {
  const AccountState& state = account.detection;
  const Timestamp at = state.recent_events().newest;
  std::vector<ViewSection> view;
  view.push_back({.name = "account", .rows = {AccountRow(state)}});
  const auto add = [&](std::string name, std::string_view what, const auto& list, const auto& label) {
    ViewSection section{.name = std::move(name), .rows = {}};
    for (const auto& entry : list) {
      ViewRow& row = section.rows.emplace_back();
      Add(row, std::string(what), label(entry));
      AddTenure(row, entry.tenure, at);
    }
    if (!section.rows.empty()) view.push_back(std::move(section));
  };
  add("places", "place", state.places().known,
      [](const detectors::KnownPlace& place) { return place.label.empty() ? place.country : place.label; });
  add("devices", "device", state.devices().known,
      [](const detectors::KnownDevice& device) { return detectors::DeviceLabel(device); });
  add("networks", "network", state.networks().known, [](const detectors::KnownNetwork& network) {
    return detectors::NetworkLabel(network) + " (" + std::string(schemas::Name(network.network_class)) + ")";
  });
  AddCases(account, view);
  return view;
}

std::string ViewText(const std::vector<ViewSection>& view) {
  std::string out;
  for (const ViewSection& section : view) {
    out.append(out.empty() ? "" : "\n").append(section.name).append("\n");
    for (const ViewRow& row : section.rows) {
      std::string line;
      for (const auto& [name, value] : row) line.append("  ").append(name).append("=").append(value);
      out.append(line).append("\n");
    }
  }
  return out;
}

std::string ViewJson(const std::vector<ViewSection>& view) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  for (const ViewSection& section : view) {
    json.Key(section.name).BeginArray();
    for (const ViewRow& row : section.rows) {
      json.BeginObject();
      for (const auto& [name, value] : row) json.Member(name, value);
      json.EndObject();
    }
    json.EndArray();
  }
  json.EndObject();
  out += '\n';
  return out;
}

}  // namespace tocsin::daemon
