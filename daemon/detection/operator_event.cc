#include "daemon/detection/operator_event.h"

#include "base/hash.h"
#include "schemas/encode.h"

namespace tocsin::daemon {
namespace {

OperatorEvent Finish(schemas::Event event, std::string_view account, std::string_view tenant, Timestamp at) {
  event.account_id = AccountId(std::string(account));
  event.tenant = tenant;
  event.source = "tocsin-account";
  event.occurred_at = at;
  std::string line;
  schemas::AppendJson(line, event);
  OperatorEvent made{.json = {}, .event_id = ToHex(IdentityHash().Add("account").Add(line).Finish())};
  event.event_id = EventId(made.event_id);
  schemas::AppendJson(made.json, event);
  return made;
}

}  // namespace

OperatorEvent AllowEvent(std::string_view account, std::string_view tenant, std::string_view case_id,
                         std::string_view finding_id, Timestamp at) {
  schemas::Event event;
  event.type = schemas::EventType::kFeedback;
  event.payload = schemas::Feedback{.verdict = schemas::FeedbackVerdict::kFalsePositive,
                                    .by = schemas::FeedbackBy::kAnalyst,
                                    .case_id = std::string(case_id),
                                    .finding_id = std::string(finding_id)};
  return Finish(std::move(event), account, tenant, at);
}

OperatorEvent EraseEvent(std::string_view account, std::string_view tenant, Timestamp at) {
  schemas::Event event;
  event.type = schemas::EventType::kAccountChange;
  event.payload = schemas::AccountChange{.change = schemas::ChangeKind::kErased};
  return Finish(std::move(event), account, tenant, at);
}

}  // namespace tocsin::daemon
