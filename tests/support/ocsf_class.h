// OCSF's own definition of what Tocsin writes of it, and a check of a record against it.
//
// Source: github.com/ocsf/ocsf-schema, events/base_event.json, events/findings/finding.json and
// detection_finding.json, objects/*.json and dictionary.json, as compiled for 1.7.0; neither the change log
// of 1.8.0 nor the class as it stands in 1.9.0 changes a row. Listed are the attributes that are written and
// all that are required; a record with another one is against this table until its row is copied from there.
#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::test {

struct OcsfAttribute {
  std::string_view object;
  std::string_view name;
  bool required;
  std::string_view type;  // text, integer, boolean, any, or an object's name; "[]" behind it: an array.
  std::string_view values = {};  // "1 Create|2 Update": of an enum. Captions left out are not written.
};

inline constexpr OcsfAttribute kOcsfAttributes[] = {
    {"detection_finding", "class_uid", true, "integer", "2004 Detection Finding"},
    {"detection_finding", "class_name", false, "text"},
    {"detection_finding", "category_uid", true, "integer", "2 Findings"},
    {"detection_finding", "category_name", false, "text"},
    {"detection_finding", "activity_id", true, "integer", "0 Unknown|1 Create|2 Update|3 Close|99 Other"},
    {"detection_finding", "activity_name", false, "text"},
    {"detection_finding", "type_uid", true, "integer"},
    {"detection_finding", "type_name", false, "text"},
    {"detection_finding", "time", true, "integer"},
    {"detection_finding", "end_time", false, "integer"},
    {"detection_finding", "severity_id", true, "integer",
     "0 Unknown|1 Informational|2 Low|3 Medium|4 High|5 Critical|6 Fatal|99 Other"},
    {"detection_finding", "severity", false, "text"},
    {"detection_finding", "status_id", false, "integer",
     "0 Unknown|1 New|2 In Progress|3 Suppressed|4 Resolved|5 Archived|6 Deleted|99 Other"},
    {"detection_finding", "status", false, "text"},
    {"detection_finding", "status_code", false, "text"},
    {"detection_finding", "is_alert", false, "boolean"},
    {"detection_finding", "confidence_id", false, "integer", "0 Unknown|1 Low|2 Medium|3 High|99 Other"},
    {"detection_finding", "confidence", false, "text"},
    {"detection_finding", "confidence_score", false, "integer"},
    {"detection_finding", "risk_level_id", false, "integer",
     "0 Info|1 Low|2 Medium|3 High|4 Critical|99 Other"},
    {"detection_finding", "risk_level", false, "text"},
    {"detection_finding", "risk_score", false, "integer"},
    {"detection_finding", "message", false, "text"},
    {"detection_finding", "metadata", true, "metadata"},
    {"detection_finding", "finding_info", true, "finding_info"},
    {"detection_finding", "resources", false, "resource_details[]"},
    {"detection_finding", "evidences", false, "evidences[]"},
    {"detection_finding", "anomaly_analyses", false, "anomaly_analysis[]"},
    {"detection_finding", "observables", false, "observable[]"},
    {"detection_finding", "unmapped", false, "any"},
    {"metadata", "version", true, "text"},
    {"metadata", "product", true, "product"},
    {"metadata", "uid", false, "text"},
    {"metadata", "correlation_uid", false, "text"},
    {"metadata", "tenant_uid", false, "text"},
    {"product", "name", false, "text"},
    {"product", "vendor_name", false, "text"},
    {"product", "version", false, "text"},
    {"finding_info", "uid", true, "text"},
    {"finding_info", "title", false, "text"},
    {"finding_info", "desc", false, "text"},
    {"finding_info", "types", false, "text[]"},
    {"finding_info", "created_time", false, "integer"},
    {"finding_info", "modified_time", false, "integer"},
    {"finding_info", "last_seen_time", false, "integer"},
    {"finding_info", "analytic", false, "analytic"},
    {"finding_info", "attacks", false, "attack[]"},
    {"finding_info", "related_events", false, "related_event[]"},
    {"finding_info", "related_events_count", false, "integer"},
    {"analytic", "uid", false, "text"},
    {"analytic", "name", false, "text"},
    {"analytic", "type_id", true, "integer",
     "0 Unknown|1 Rule|2 Behavioral|3 Statistical|4 Learning (ML/DL)|5 Fingerprinting|6 Tagging|7 Keyword "
     "Match|8 Regular Expressions|9 Exact Data Match|10 Partial Data Match|11 Indexed Data Match|99 Other"},
    {"analytic", "type", false, "text"},
    {"analytic", "state_id", false, "integer", "0 Unknown|1 Active|2 Suppressed|3 Experimental|99 Other"},
    {"analytic", "state", false, "text"},
    {"analytic", "version", false, "text"},
    {"attack", "tactic", false, "tactic"},
    {"attack", "technique", false, "technique"},
    {"attack", "sub_technique", false, "sub_technique"},
    {"attack", "version", false, "text"},
    {"tactic", "uid", false, "text"},
    {"tactic", "name", false, "text"},
    {"technique", "uid", false, "text"},
    {"technique", "name", false, "text"},
    {"sub_technique", "uid", false, "text"},
    {"sub_technique", "name", false, "text"},
    {"related_event", "uid", true, "text"},
    {"resource_details", "uid", false, "text"},
    {"resource_details", "type", false, "text"},
    {"resource_details", "role_id", false, "integer",
     "0 Unknown|1 Target|2 Actor|3 Affected|4 Related|99 Other"},
    {"resource_details", "role", false, "text"},
    {"evidences", "uid", false, "text"},
    {"evidences", "src_endpoint", false, "network_endpoint"},
    {"evidences", "device", false, "device"},
    {"evidences", "user", false, "user"},
    {"evidences", "actor", false, "actor"},
    {"evidences", "http_request", false, "http_request"},
    {"evidences", "data", false, "any"},
    {"network_endpoint", "ip", false, "text"},
    {"network_endpoint", "location", false, "location"},
    {"network_endpoint", "autonomous_system", false, "autonomous_system"},
    {"location", "country", false, "text"},
    {"location", "city", false, "text"},
    {"location", "desc", false, "text"},
    {"autonomous_system", "number", false, "integer"},
    {"autonomous_system", "name", false, "text"},
    {"device", "uid", false, "text"},
    {"device", "name", false, "text"},
    {"device", "ip", false, "text"},
    {"device", "type_id", true, "integer",
     "0 Unknown|1 Server|2 Desktop|3 Laptop|4 Tablet|5 Mobile|6 Virtual|7 IOT|8 Browser|9 Firewall|10 "
     "Switch|11 Hub|12 Router|13 IDS|14 IPS|15 Load Balancer|99 Other"},
    {"device", "type", false, "text"},
    {"device", "model", false, "text"},
    {"device", "os", false, "os"},
    {"os", "name", true, "text"},
    {"os", "type_id", true, "integer",
     "0 Unknown|99 Other|100 Windows|101 Windows Mobile|200 Linux|201 Android|300 macOS|301 iOS|302 "
     "iPadOS|400 Solaris|401 AIX|402 HP-UX"},
    {"os", "version", false, "text"},
    {"user", "uid", false, "text"},
    {"user", "type_id", false, "integer", "0 Unknown|1 User|2 Admin|3 System|4 Service|99 Other"},
    {"user", "type", false, "text"},
    {"actor", "session", false, "session"},
    {"session", "uid", false, "text"},
    {"http_request", "user_agent", false, "text"},
    {"anomaly_analysis", "analysis_targets", true, "analysis_target[]"},
    {"anomaly_analysis", "anomalies", true, "anomaly[]"},
    {"anomaly_analysis", "baselines", false, "baseline[]"},
    {"analysis_target", "name", true, "text"},
    {"analysis_target", "type", false, "text"},
    {"anomaly", "observation_parameter", true, "text"},
    {"anomaly", "observations", true, "observation[]"},
    {"baseline", "observation_parameter", true, "text"},
    {"baseline", "observations", true, "observation[]"},
    {"observation", "value", true, "text"},
    {"observable", "name", false, "text"},
    {"observable", "type_id", true, "integer", "2|10|16|31|47"},
    {"observable", "value", false, "text"},
};

// At least one of these has to be there.
struct OcsfConstraint {
  std::string_view object;
  std::vector<std::string_view> one_of;
};
inline const std::vector<OcsfConstraint>& OcsfConstraints() {
  static const std::vector<OcsfConstraint> constraints = {
      {"product", {"name", "uid"}},
      {"analytic", {"name", "uid"}},
      {"attack", {"tactic", "technique", "sub_technique"}},
      {"tactic", {"name", "uid"}},
      {"technique", {"name", "uid"}},
      {"sub_technique", {"name", "uid"}},
      {"resource_details", {"name", "uid"}},
      {"evidences", {"actor", "data", "device", "src_endpoint", "user"}},
      {"network_endpoint", {"ip", "uid", "name", "hostname"}},
      {"location", {"city", "country", "postal_code", "region"}},
      {"autonomous_system", {"number", "name"}},
      {"device", {"ip", "uid", "name", "hostname"}},
      {"user", {"account", "name", "uid"}},
      {"actor", {"process", "user", "session"}}};
  return constraints;
}

class OcsfCheck {
 public:
  // What is wrong, one line each; empty when `json` is a Detection Finding.
  [[nodiscard]] static std::vector<std::string> Problems(std::string_view json) {
    OcsfCheck check;
    simdjson::dom::parser parser;
    simdjson::dom::object read;
    if (parser.parse(simdjson::padded_string(json)).get(read) != simdjson::SUCCESS) return {"not an object"};
    check.Object("detection_finding", read, "");
    return check.problems_;
  }

 private:
  using Element = simdjson::dom::element;

  void Object(std::string_view type, simdjson::dom::object object, const std::string& at) {
    for (const OcsfAttribute& attribute : kOcsfAttributes) {
      if (attribute.object == type && attribute.required && !Has(object, attribute.name))
        problems_.push_back(at + ": " + std::string(attribute.name) + " is required");
    }
    for (const OcsfConstraint& constraint : OcsfConstraints()) {
      if (constraint.object != type) continue;
      bool one = false;
      for (const std::string_view name : constraint.one_of) one = one || Has(object, name);
      if (!one) problems_.push_back(at + ": nothing says what it is");
    }
    for (const auto& [key, value] : object) {
      const std::string path = at + "/" + std::string(key);
      const OcsfAttribute* known = nullptr;
      for (const OcsfAttribute& attribute : kOcsfAttributes) {
        if (attribute.object == type && attribute.name == key) known = &attribute;
      }
      if (known == nullptr) {
        problems_.push_back(path + " is no attribute of " + std::string(type));
        continue;
      }
      Value(known->type, value, path);
      if (!known->values.empty()) Coded(*known, object, value, path);
    }
  }

  void Value(std::string_view type, Element value, const std::string& at) {
    if (type.ends_with("[]")) {
      simdjson::dom::array array;
      if (value.get(array) != simdjson::SUCCESS) return problems_.push_back(at + " is no array");
      for (const Element element : array) Value(type.substr(0, type.size() - 2), element, at + "[]");
      return;
    }
    if (type == "any") return;
    const bool right = type == "text"      ? value.is_string()
                       : type == "integer" ? value.is_int64()
                       : type == "boolean" ? value.is_bool()
                                           : value.is_object();
    if (!right) return problems_.push_back(at + " is no " + std::string(type));
    simdjson::dom::object object;
    if (value.get(object) == simdjson::SUCCESS) Object(type, object, at);
  }

  // A number of the enum, and beside it the caption of that number.
  void Coded(const OcsfAttribute& attribute, simdjson::dom::object object, Element value,
             const std::string& at) {
    int64_t number = -1;
    if (value.get(number) != simdjson::SUCCESS) return;  // Said already.
    std::string_view left = attribute.values;
    while (!left.empty()) {
      const std::string_view one = left.substr(0, left.find('|'));
      left.remove_prefix(std::min(left.size(), one.size() + 1));
      int64_t known = -1;
      const char* const end = std::from_chars(one.data(), one.data() + one.size(), known).ptr;
      if (known != number) continue;
      const std::string_view caption(end, static_cast<size_t>(one.data() + one.size() - end));
      if (!caption.empty() && number != 99) Caption(attribute.name, object, caption.substr(1), at);
      return;
    }
    problems_.push_back(at + " is no value of the enum");
  }

  void Caption(std::string_view name, simdjson::dom::object object, std::string_view caption,
               const std::string& at) {
    std::string sibling(name.substr(0, name.rfind('_')));
    if (name == "class_uid" || name == "category_uid" || name == "activity_id") sibling += "_name";
    std::string_view written;
    if (object[sibling].get(written) == simdjson::SUCCESS && written != caption)
      problems_.push_back(at + " is called " + std::string(written));
  }

  static bool Has(simdjson::dom::object object, std::string_view name) {
    return object[name].error() == simdjson::SUCCESS;
  }

  std::vector<std::string> problems_;
};

inline void ExpectOcsf(std::string_view json) {
  for (const std::string& problem : OcsfCheck::Problems(json)) ADD_FAILURE() << problem << "\n" << json;
}

}  // namespace tocsin::test
