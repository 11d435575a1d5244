#include "daemon/compare/report.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "base/json_writer.h"
#include "schemas/enum_names.h"

namespace tocsin::daemon {
namespace {

[[gnu::format(printf, 2, 3)]] void Line(std::string& out, const char* format, ...) {
  char text[320];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  out += text;
  out += '\n';
}

std::string ShareText(const Share& share) {
  if (share.whole == 0) return "–";
  const Interval interval = Wilson(share);
  char text[80];
  std::snprintf(text, sizeof text, "%.3f (%.3f to %.3f; %lld of %lld)", share.value(), interval.low,
                interval.high, static_cast<long long>(share.part), static_cast<long long>(share.whole));
  return text;
}

std::string Told(const KeptFinding* finding) {
  if (finding == nullptr) return "-";
  std::string text(schemas::Name(finding->severity));
  if (finding->mode == schemas::Mode::kShadow) text += " (shadow)";
  return text;
}

std::string_view WhatOf(const FindingChange& change) {
  if (change.before == nullptr) return "appears";
  return change.after == nullptr ? "vanishes" : "changes";
}

void DetectorTable(const Comparison& comparison, std::string& out) {
  Line(out, "%-24s %9s %9s %9s %9s %9s", "detector", "before", "after", "appear", "vanish", "change");
  DetectorChange sum;
  for (const auto& [detector, row] : comparison.detectors) {
    Line(out, "%-24s %9lld %9lld %9lld %9lld %9lld", detector.c_str(), static_cast<long long>(row.before),
         static_cast<long long>(row.after), static_cast<long long>(row.appear),
         static_cast<long long>(row.vanish), static_cast<long long>(row.change));
    sum.before += row.before;
    sum.after += row.after;
    sum.appear += row.appear;
    sum.vanish += row.vanish;
    sum.change += row.change;
  }
  Line(out, "%-24s %9lld %9lld %9lld %9lld %9lld", "all", static_cast<long long>(sum.before),
       static_cast<long long>(sum.after), static_cast<long long>(sum.appear),
       static_cast<long long>(sum.vanish), static_cast<long long>(sum.change));
}

struct VolumeRow {
  const char* name;
  int64_t Volume::*member;
};
constexpr VolumeRow kVolumeRows[] = {{"findings", &Volume::findings},
                                     {"cases", &Volume::cases},
                                     {"notices", &Volume::notices},
                                     {"tickets", &Volume::tickets},
                                     {"actions", &Volume::actions}};

double Rate(int64_t count, double thousand_account_days) {
  return thousand_account_days > 0 ? static_cast<double>(count) / thousand_account_days : 0;
}

void VolumeTable(const Comparison& comparison, const ComparisonOptions& options, std::string& out) {
  Line(out, "\nper 1000 accounts and day (findings and cases: %s or more)",
       std::string(schemas::Name(options.severity)).c_str());
  Line(out, "%-24s %9s %9s", "", "before", "after");
  for (const VolumeRow& row : kVolumeRows) {
    Line(out, "%-24s %9.3f %9.3f", row.name,
         Rate(comparison.volume[0].*row.member, comparison.thousand_account_days),
         Rate(comparison.volume[1].*row.member, comparison.thousand_account_days));
  }
}

void QualityTable(const Comparison& comparison, std::string& out) {
  const Quality& before = comparison.quality[0];
  const Quality& after = comparison.quality[1];
  const auto row = [&](const std::string& name, const Share& a, const Share& b) {
    out += name + "\n";
    Line(out, "  before %s", ShareText(a).c_str());
    Line(out, "  after  %s", ShareText(b).c_str());
  };
  Line(out, "\nagainst the labels (in parentheses: 95 %% interval)");
  row("recall", before.recall, after.recall);
  row("precision of findings", before.finding_precision, after.finding_precision);
  row("precision of cases", before.case_precision, after.case_precision);
  Line(out, "attacks found before only: %lld, after only: %lld (by chance: p = %.3f)",
       static_cast<long long>(comparison.found_by_first_only),
       static_cast<long long>(comparison.found_by_second_only),
       SignTest(comparison.found_by_first_only, comparison.found_by_second_only));
  Line(out, "\n%-24s %9s %9s %9s", "recall of", "attacks", "before", "after");
  for (const auto& [kind, share] : before.recall_by_kind) {
    Line(out, "%-24s %9lld %9.3f %9.3f", kind.c_str(), static_cast<long long>(share.whole), share.value(),
         after.recall_by_kind.at(kind).value());
  }
}

void WriteShare(JsonWriter& json, std::string_view name, const Share& share) {
  const Interval interval = Wilson(share);
  json.Key(name).BeginObject().Member("part", share.part).Member("whole", share.whole);
  if (share.whole > 0) json.Member("share", share.value());
  json.Member("low", interval.low).Member("high", interval.high).EndObject();
}

void WriteShares(JsonWriter& json, std::string_view name, const std::map<std::string, Share>& shares) {
  json.Key(name).BeginObject();
  for (const auto& [key, share] : shares) WriteShare(json, key, share);
  json.EndObject();
}

void WriteSide(JsonWriter& json, std::string_view name, const KeptFinding* finding) {
  if (finding == nullptr) return;
  json.Key(name)
      .BeginObject()
      .Member("severity", schemas::Name(finding->severity))
      .Member("mode", schemas::Name(finding->mode))
      .Member("risk", finding->risk)
      .EndObject();
}

}  // namespace

std::string ComparisonText(const Comparison& comparison, const ComparisonOptions& options,
                           size_t changes_max) {
  std::string out;
  DetectorTable(comparison, out);
  VolumeTable(comparison, options, out);
  if (comparison.labelled) QualityTable(comparison, out);
  if (comparison.changes.empty()) return out;
  const size_t listed = std::min(changes_max, comparison.changes.size());
  Line(out, "\n%zu findings differ%s", comparison.changes.size(),
       listed < comparison.changes.size() ? "; the first:" : ":");
  for (size_t i = 0; i < listed; ++i) {
    const FindingChange& change = comparison.changes[i];
    const KeptFinding& told = change.before != nullptr ? *change.before : *change.after;
    Line(out, "%s  %-8s  %-22s %-16s -> %-16s %s  %s", FormatRfc3339(told.occurred_at).c_str(),
         std::string(WhatOf(change)).c_str(), told.detector.c_str(), Told(change.before).c_str(),
         Told(change.after).c_str(), told.account.c_str(), change.finding_id.c_str());
  }
  return out;
}

std::string ComparisonJson(const Comparison& comparison, const ComparisonOptions& options) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject().Member("severity", schemas::Name(options.severity));
  json.Member("thousand_account_days", comparison.thousand_account_days);
  json.Key("detectors").BeginObject();
  for (const auto& [detector, row] : comparison.detectors) {
    json.Key(detector)
        .BeginObject()
        .Member("before", row.before)
        .Member("after", row.after)
        .Member("appear", row.appear)
        .Member("vanish", row.vanish)
        .Member("change", row.change)
        .EndObject();
  }
  json.EndObject();
  for (size_t side = 0; side < 2; ++side) {
    json.Key(side == 0 ? "before" : "after").BeginObject();
    for (const VolumeRow& row : kVolumeRows) json.Member(row.name, comparison.volume[side].*row.member);
    json.Key("per_thousand_account_days").BeginObject();
    for (const VolumeRow& row : kVolumeRows)
      json.Member(row.name, Rate(comparison.volume[side].*row.member, comparison.thousand_account_days));
    json.EndObject();
    if (comparison.labelled) {
      const Quality& quality = comparison.quality[side];
      WriteShare(json, "recall", quality.recall);
      WriteShare(json, "finding_precision", quality.finding_precision);
      WriteShare(json, "case_precision", quality.case_precision);
      WriteShares(json, "recall_by_kind", quality.recall_by_kind);
      WriteShares(json, "precision_by_detector", quality.precision_by_detector);
    }
    json.EndObject();
  }
  if (comparison.labelled) {
    json.Member("found_before_only", comparison.found_by_first_only)
        .Member("found_after_only", comparison.found_by_second_only)
        .Member("sign_test_p", SignTest(comparison.found_by_first_only, comparison.found_by_second_only));
  }
  json.Key("changes").BeginArray();
  for (const FindingChange& change : comparison.changes) {
    const KeptFinding& told = change.before != nullptr ? *change.before : *change.after;
    json.BeginObject()
        .Member("finding_id", change.finding_id)
        .Member("what", WhatOf(change))
        .Member("detector", told.detector)
        .Member("account_id", told.account)
        .Member("occurred_at", told.occurred_at);
    WriteSide(json, "before", change.before);
    WriteSide(json, "after", change.after);
    json.EndObject();
  }
  json.EndArray().EndObject();
  out += '\n';
  return out;
}

}  // namespace tocsin::daemon
