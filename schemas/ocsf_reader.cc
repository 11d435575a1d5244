#include "schemas/ocsf_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <initializer_list>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "schemas/encode_ocsf.h"
#include "schemas/enum_names.h"
#include "schemas/finding.h"

namespace tocsin::schemas {
namespace {

namespace ondemand = simdjson::ondemand;

// Reads members by their path. The first that is missing is remembered; what is read after it is of no use.
class Reader {
 public:
  explicit Reader(std::string_view json) : text_(json) {
    if (parser_.iterate(text_).get(document_) != simdjson::SUCCESS) Fail("not JSON");
  }

  // A pointer as in RFC 6901: "/metadata/product/version". `optional`: "" when it is not there.
  std::string Text(const char* pointer, bool optional = false) {
    std::string_view found;
    if (At(pointer).get_string().get(found) == simdjson::SUCCESS) return std::string(found);
    if (!optional) Fail(pointer);
    return {};
  }

  int64_t Integer(const char* pointer) {
    int64_t found = 0;
    if (At(pointer).get_int64().get(found) != simdjson::SUCCESS) Fail(pointer);
    return found;
  }

  // As it stands there; "null" when it does not.
  std::string Raw(const char* pointer) {
    std::string_view found = "null";
    if (simdjson::to_json_string(At(pointer)).get(found) != simdjson::SUCCESS) Fail(pointer);
    return std::string(found);
  }

  std::vector<std::string> Causes() {
    std::vector<std::string> causes;
    ondemand::array events;
    if (At("/finding_info/related_events").get_array().get(events) != simdjson::SUCCESS)
      Fail("/finding_info/related_events");
    if (!ok()) return causes;
    for (auto event : events) {
      std::string_view uid;
      if (event["uid"].get_string().get(uid) != simdjson::SUCCESS) {
        Fail("/finding_info/related_events");
        return causes;
      }
      causes.emplace_back(uid);
    }
    return causes;
  }

  void Fail(const char* where) {
    if (wrong_.empty()) wrong_ = where;
  }
  [[nodiscard]] bool ok() const { return wrong_.empty(); }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  simdjson::simdjson_result<ondemand::value> At(const char* pointer) {
    if (!ok()) return simdjson::INCORRECT_TYPE;
    return document_.at_pointer(pointer);
  }

  simdjson::padded_string text_;
  ondemand::parser parser_;
  ondemand::document document_;
  std::string wrong_;
};

// The name of the value that stands `first` places before `id`.
template <class E>
std::string_view NameOf(Reader& reader, const char* pointer, int64_t first) {
  const int64_t id = reader.Integer(pointer) - first;
  for (const auto& entry : EnumNames<E>()) {
    if (static_cast<int64_t>(entry.value) == id) return entry.name;
  }
  reader.Fail(pointer);
  return {};
}

}  // namespace

bool IsOcsf(const OutRecord& record) {
  return record.kind == OutputKind::kFinding &&
         std::ranges::any_of(record.headers, [](const OutHeader& header) {
           return header.name == "ce_type" && header.value == kOcsfType;
         });
}

bool LooksLikeOcsf(std::string_view json) {
  Reader reader(json);
  return reader.Integer("/class_uid") == 2004 && reader.ok();
}

Result<std::string> ReadOcsf(std::string_view json) {
  Reader from(json);
  if (from.Integer("/class_uid") != 2004) from.Fail("/class_uid");
  const std::string product = from.Text("/metadata/product/name");
  if (product != "Tocsin") from.Fail("/metadata/product/name");
  std::string out;
  JsonWriter to(out);
  to.BeginObject().Member("finding_id", from.Text("/finding_info/uid"));
  to.Member("detector", from.Text("/finding_info/analytic/uid"));
  to.Member("family", from.Text("/finding_info/types/0"));
  to.Member("severity", NameOf<Severity>(from, "/severity_id", 1));
  to.Member("confidence", from.Integer("/confidence_score"));
  to.Member("account_id", from.Text("/resources/0/uid"));
  to.MemberIf("tenant", from.Text("/metadata/tenant_uid", true));
  to.Member("occurred_at", FromMillis(from.Integer("/end_time")));
  to.Member("detected_at", FromMillis(from.Integer("/time")));
  to.Key("cause").BeginArray();
  for (const std::string& cause : from.Causes()) to.String(cause);
  to.EndArray().MemberIf("case_id", from.Text("/metadata/correlation_uid", true));
  to.Key("risk").Raw(from.Raw("/unmapped/risk"));
  to.Key("addends").Raw(from.Raw("/unmapped/addends"));
  to.Key("reasons").Raw(from.Raw("/unmapped/reasons"));
  to.Key("evidence").Raw(from.Raw("/evidences/0/data"));
  to.Key("techniques").Raw(from.Raw("/unmapped/techniques"));
  to.Member("status", NameOf<FindingStatus>(from, "/activity_id", 1));
  to.Member("mode", NameOf<Mode>(from, "/finding_info/analytic/state_id", 1));
  to.Key("versions").BeginObject().Member("program", from.Text("/metadata/product/version"));
  to.Member("config", from.Text("/unmapped/versions/config"));
  to.Member("geoip", from.Text("/unmapped/versions/geoip")).EndObject().EndObject();
  if (!from.ok())
    return Error{ErrorCode::kInvalid, from.wrong(), "missing, or not as Tocsin writes it in OCSF"};
  return out;
}

}  // namespace tocsin::schemas
