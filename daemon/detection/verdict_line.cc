#include "daemon/detection/verdict_line.h"

#include <string>
#include <string_view>

#include "base/json_writer.h"

namespace tocsin::daemon {

schemas::OutRecord VerdictLine(const schemas::Event& event, const detectors::DetectionResult& result,
                               const alerts::Decision& decision) {
  schemas::OutRecord record;
  record.kind = schemas::OutputKind::kVerdict;
  record.key = event.account_id.str();
  JsonWriter json(record.value);
  json.BeginObject()
      .Member("event_id", event.event_id.view())
      .Member("account_id", event.account_id.view())
      .Member("occurred_at", event.occurred_at)
      .Member("risk", decision.risk);
  json.Key("verdicts").BeginObject();
  const auto catalogue = detectors::Catalogue();
  for (size_t i = 0; i < catalogue.size(); ++i) {
    const detectors::Verdict& verdict = result.verdicts[i];
    if (verdict.alert()) {
      json.Member(catalogue[i].id, "alert");
    } else if (verdict.clear()) {
      json.Member(catalogue[i].id, "clear");
    } else {
      json.Member(catalogue[i].id, std::string("not_evaluable:").append(verdict.why()));
    }
  }
  json.EndObject();
  json.Key("findings").BeginArray();
  for (const std::string_view id : decision.FindingIds()) json.String(id);
  json.EndArray().EndObject();
  return record;
}

}  // namespace tocsin::daemon
