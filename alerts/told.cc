#include "alerts/told.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <vector>

namespace tocsin::alerts {
namespace {

// A calendar year, and what may still arrive late at its end.
constexpr std::chrono::hours kToldKept{(366 + 3) * 24};

void DropOne(std::vector<Told>& told) {
  const auto before = [](const Told& a, const Told& b) {
    return std::tuple(a.mode != schemas::Mode::kShadow, a.at) <
           std::tuple(b.mode != schemas::Mode::kShadow, b.at);
  };
  told.erase(std::ranges::min_element(told, before));
}

}  // namespace

void RememberTold(CaseFile& file, const CaseFinding& finding, std::string_view case_id, schemas::Mode mode) {
  const Told told{.finding_id = finding.finding_id,
                  .detector = finding.detector,
                  .case_id = std::string(case_id),
                  .reason = finding.reason,
                  .at = finding.at,
                  .family = finding.family,
                  .severity = finding.severity,
                  .confidence = finding.confidence,
                  .mode = mode,
                  .label = finding.label,
                  .payment = finding.payment,
                  .cause = finding.cause};
  const auto known = std::ranges::find(file.told(), told.finding_id, &Told::finding_id);
  if (known != file.told().end()) {
    const auto index = known - file.told().begin();
    if (*known != told) file.MutableTold()[static_cast<size_t>(index)] = told;
    return;
  }
  std::vector<Told>& list = file.MutableTold();
  list.push_back(told);
  if (list.size() > CaseFile::kToldMax) DropOne(list);
}

void RememberTold(CaseFile& file, const Case& one) {
  for (const CaseFinding& finding : one.findings) {
    RememberTold(file, finding, one.case_id, schemas::Mode::kLive);
  }
}

const Told* FindTold(const CaseFile& file, std::string_view finding_id) {
  const auto found = std::ranges::find(file.told(), finding_id, &Told::finding_id);
  return found == file.told().end() ? nullptr : &*found;
}

void ForgetTold(CaseFile& file, std::string_view finding_id) {
  if (FindTold(file, finding_id) == nullptr) return;
  std::erase_if(file.MutableTold(), [&](const Told& told) { return told.finding_id == finding_id; });
}

void PruneTold(CaseFile& file, Timestamp at) {
  const auto over = [at](const Told& told) { return at - told.at > kToldKept; };
  if (std::ranges::any_of(file.told(), over)) std::erase_if(file.MutableTold(), over);
}

}  // namespace tocsin::alerts
