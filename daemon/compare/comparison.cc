#include "daemon/compare/comparison.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

namespace tocsin::daemon {
namespace {

using schemas::AttackLabel;

// What a configuration says, taken together with what it took back: null when it says nothing.
const KeptFinding* Standing(const Outcome& outcome, const std::string& id) {
  const auto found = outcome.findings.find(id);
  return found == outcome.findings.end() || found->second.superseded ? nullptr : &found->second;
}

bool Counts(const KeptFinding& finding, const ComparisonOptions& options) {
  return !finding.superseded && finding.mode == schemas::Mode::kLive && finding.severity >= options.severity;
}

const std::string& CaseOf(const std::string& id, const KeptFinding& finding) {
  return finding.case_id.empty() ? id : finding.case_id;
}

void CompareFindings(const Outcome& first, const Outcome& second, Comparison& comparison) {
  std::set<std::string> ids;
  for (const auto& [id, finding] : first.findings) ids.insert(id);
  for (const auto& [id, finding] : second.findings) ids.insert(id);
  for (const std::string& id : ids) {
    const KeptFinding* const before = Standing(first, id);
    const KeptFinding* const after = Standing(second, id);
    if (before == nullptr && after == nullptr) continue;
    DetectorChange& row = comparison.detectors[(before != nullptr ? before : after)->detector];
    row.before += before != nullptr ? 1 : 0;
    row.after += after != nullptr ? 1 : 0;
    if (before == nullptr) {
      ++row.appear;
    } else if (after == nullptr) {
      ++row.vanish;
    } else if (before->severity != after->severity || before->mode != after->mode) {
      ++row.change;
    } else {
      continue;
    }
    comparison.changes.push_back({.finding_id = id, .before = before, .after = after});
  }
  const auto key = [](const FindingChange& change) {
    const KeptFinding& told = change.before != nullptr ? *change.before : *change.after;
    return std::tie(told.occurred_at, change.finding_id);
  };
  std::ranges::stable_sort(comparison.changes,
                           [&](const FindingChange& a, const FindingChange& b) { return key(a) < key(b); });
}

Volume VolumeOf(const Outcome& outcome, const ComparisonOptions& options) {
  Volume volume{.notices = outcome.notices, .tickets = outcome.tickets, .actions = outcome.actions};
  std::set<std::string> cases;
  for (const auto& [id, finding] : outcome.findings) {
    if (!Counts(finding, options)) continue;
    ++volume.findings;
    cases.insert(CaseOf(id, finding));
  }
  volume.cases = static_cast<int64_t>(cases.size());
  return volume;
}

class Judge {
 public:
  Judge(const std::vector<AttackLabel>& labels, const ComparisonOptions& options)
      : labels_(labels), options_(options) {
    for (size_t i = 0; i < labels.size(); ++i) of_account_[labels[i].account_id].push_back(i);
  }

  [[nodiscard]] Quality Of(const Outcome& outcome) const {
    Quality quality;
    quality.found.resize(labels_.size());
    std::map<std::string, bool> cases;
    for (const auto& [id, finding] : outcome.findings) {
      if (!Counts(finding, options_)) continue;
      bool right = false;
      if (const auto hit = of_account_.find(finding.account); hit != of_account_.end()) {
        for (const size_t index : hit->second) {
          if (!IsAbout(labels_[index], finding)) continue;
          quality.found[index] = right = true;
        }
      }
      Add(quality.finding_precision, right);
      Add(quality.precision_by_detector[finding.detector], right);
      bool& case_right = cases[CaseOf(id, finding)];
      case_right = case_right || right;
    }
    for (const auto& [id, right] : cases) Add(quality.case_precision, right);
    for (size_t i = 0; i < labels_.size(); ++i) {
      Add(quality.recall, quality.found[i]);
      Add(quality.recall_by_kind[labels_[i].attack], quality.found[i]);
    }
    return quality;
  }

 private:
  static void Add(Share& share, bool part) {
    ++share.whole;
    share.part += part ? 1 : 0;
  }
  [[nodiscard]] bool IsAbout(const AttackLabel& label, const KeptFinding& finding) const {
    if (label.from <= finding.occurred_at && finding.occurred_at <= label.until + options_.slack) return true;
    return std::ranges::any_of(finding.cause, [&](const std::string& event) {
      return std::ranges::find(label.event_ids, event) != label.event_ids.end();
    });
  }

  const std::vector<AttackLabel>& labels_;
  const ComparisonOptions& options_;
  std::unordered_map<std::string, std::vector<size_t>> of_account_;
};

}  // namespace

Comparison Compare(const Outcome& first, const Outcome& second, const std::vector<AttackLabel>* labels,
                   const ComparisonOptions& options) {
  Comparison comparison;
  CompareFindings(first, second, comparison);
  comparison.volume = {VolumeOf(first, options), VolumeOf(second, options)};
  comparison.thousand_account_days = first.thousand_account_days();
  if (labels == nullptr) return comparison;
  comparison.labelled = true;
  const Judge judge(*labels, options);
  comparison.quality = {judge.Of(first), judge.Of(second)};
  for (size_t i = 0; i < labels->size(); ++i) {
    const bool by_first = comparison.quality[0].found[i];
    const bool by_second = comparison.quality[1].found[i];
    comparison.found_by_first_only += by_first && !by_second ? 1 : 0;
    comparison.found_by_second_only += by_second && !by_first ? 1 : 0;
  }
  return comparison;
}

}  // namespace tocsin::daemon
