#include "schemas/attack_label.h"

#include <simdjson.h>

#include <utility>

namespace tocsin::schemas {
namespace {

Error Invalid(std::string_view field, std::string_view detail) {
  return {.code = ErrorCode::kInvalid, .field = std::string(field), .detail = std::string(detail)};
}

bool ReadText(const simdjson::dom::object& object, const char* key, std::string& into) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS || text.empty()) return false;
  into = text;
  return true;
}

bool ReadTime(const simdjson::dom::object& object, const char* key, Timestamp& into) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS) return false;
  const auto time = ParseRfc3339(text);
  if (time) into = *time;
  return time.has_value();
}

}  // namespace

Result<AttackLabel> ParseAttackLabel(std::string_view line) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(simdjson::padded_string(line)).get(object) != simdjson::SUCCESS)
    return Invalid("label", "not a JSON object");
  AttackLabel label;
  if (!ReadText(object, "account_id", label.account_id)) return Invalid("account_id", "missing or no text");
  if (!ReadText(object, "attack", label.attack)) return Invalid("attack", "missing or no text");
  if (!ReadTime(object, "from", label.from)) return Invalid("from", "not RFC 3339");
  if (!ReadTime(object, "until", label.until)) return Invalid("until", "not RFC 3339");
  if (label.until < label.from) return Invalid("until", "before `from`");
  simdjson::dom::element listed;
  if (object["event_ids"].get(listed) != simdjson::SUCCESS) return label;
  simdjson::dom::array ids;
  if (listed.get(ids) != simdjson::SUCCESS) return Invalid("event_ids", "not a list");
  for (const simdjson::dom::element id : ids) {
    std::string_view text;
    if (id.get(text) != simdjson::SUCCESS) return Invalid("event_ids", "not a list of texts");
    label.event_ids.emplace_back(text);
  }
  return label;
}

}  // namespace tocsin::schemas
