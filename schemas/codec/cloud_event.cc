#include "schemas/codec/cloud_event.h"

#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "schemas/base64.h"

namespace tocsin::schemas::codec {
namespace {

// "application/json", "text/json", "application/anything+json", with or without parameters.
bool IsJsonType(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return EqualsIgnoringCase(type, "application/json") || EqualsIgnoringCase(type, "text/json") ||
         (type.size() > 5 && EqualsIgnoringCase(type.substr(type.size() - 5), "+json"));
}

// "tocsin.login.v1" -> "login"; "" when it is not of that form.
std::string_view EventTypeOf(std::string_view cloud_type) {
  constexpr std::string_view kPrefix = "tocsin.";
  constexpr std::string_view kSuffix = ".v1";
  if (cloud_type.size() <= kPrefix.size() + kSuffix.size() || !cloud_type.starts_with(kPrefix) ||
      !cloud_type.ends_with(kSuffix)) {
    return {};
  }
  return cloud_type.substr(kPrefix.size(), cloud_type.size() - kPrefix.size() - kSuffix.size());
}

bool Fail(Fault& fault, RejectionCode code, std::string_view field, std::string_view detail) {
  fault = {code, field, detail};
  return false;
}

void Put(Document& document, Member member, std::string_view text) {
  document.slots[Index(member)] = {Slot::Kind::kString, text};
  document.present[Index(member)] = document.seen[Index(member)] = true;
}

void PutIfAbsent(Document& document, Member member, std::string_view text) {
  if (!text.empty() && !document.present[Index(member)]) Put(document, member, text);
}

bool PutType(Document& document, std::string_view cloud_type, std::string_view field, Fault& fault) {
  const std::string_view type = EventTypeOf(cloud_type);
  if (type.empty()) {
    return Fail(fault, RejectionCode::kUnknownType, field, "not of the form tocsin.<type>.v1");
  }
  if (document.present[Index(Member::kType)]) {
    const Slot& own = document.slots[Index(Member::kType)];
    if (own.kind != Slot::Kind::kString || own.text != type) {
      return Fail(fault, RejectionCode::kConflictingMembers, "type", "is not the type of the CloudEvent");
    }
  }
  Put(document, Member::kType, type);
  return true;
}

// An attribute of the envelope as text; empty when absent.
bool Attribute(const Document& document, Member member, std::string_view& out, Fault& fault) {
  out = {};
  if (!document.present[Index(member)]) return true;
  const Slot& slot = document.slots[Index(member)];
  if (slot.kind != Slot::Kind::kString) {
    return Fail(fault, RejectionCode::kWrongType, InfoOf(member).path, "expected a string");
  }
  out = slot.text;
  return true;
}

bool RequiredAttribute(const Document& document, Member member, std::string_view& out, Fault& fault) {
  if (!Attribute(document, member, out, fault)) return false;
  return !out.empty() || Fail(fault, RejectionCode::kMissingMember, InfoOf(member).path, "required");
}

}  // namespace

bool HeaderAttributes::structured() const {
  constexpr std::string_view kEnvelope = "application/cloudevents";
  constexpr std::string_view kBatch = "application/cloudevents-batch";
  return StartsWithIgnoringCase(content_type, kEnvelope) && !StartsWithIgnoringCase(content_type, kBatch);
}

HeaderAttributes ReadHeaders(std::span<const Header> headers) {
  HeaderAttributes found;
  for (const Header& header : headers) {
    const std::string_view name = header.name;
    if (name.size() > 3 && (name[2] == '_' || name[2] == '-') && StartsWithIgnoringCase(name, "ce")) {
      const std::string_view attribute = name.substr(3);
      const auto is = [&](std::string_view lower) { return EqualsIgnoringCase(attribute, lower); };
      if (is("type")) found.type = header.value;
      if (is("id")) found.id = header.value;
      if (is("source")) found.source = header.value;
      if (is("time")) found.time = header.value;
      if (is("specversion")) found.specversion = header.value;
      if (is("tenant")) found.tenant = header.value;
      if (is("traceparent")) found.ce_traceparent = header.value;
    } else if (EqualsIgnoringCase(name, "content-type")) {
      found.content_type = header.value;
    } else if (EqualsIgnoringCase(name, "traceparent")) {
      found.traceparent = header.value;
    }
  }
  return found;
}

std::string_view WithoutFrame(std::string_view value) {
  constexpr size_t kFrame = 5;
  if (value.size() <= kFrame || value.front() != '\0') return value;
  const std::string_view rest = value.substr(kFrame);
  const size_t first = rest.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && rest[first] == '{' ? rest : value;
}

bool ApplyHeaders(const HeaderAttributes& headers, Document& document, Fault& fault) {
  struct Used {
    std::string_view name;
    std::string_view value;
  };
  for (const Used& used :
       {Used{"ce_type", headers.type}, Used{"ce_id", headers.id}, Used{"ce_source", headers.source},
        Used{"ce_time", headers.time}, Used{"ce_tenant", headers.tenant}}) {
    if (!IsUtf8(used.value)) return Fail(fault, RejectionCode::kNotUtf8, used.name, "not UTF-8");
  }
  if (headers.binary()) {
    if (!headers.specversion.empty() && headers.specversion != "1.0") {
      return Fail(fault, RejectionCode::kUnsupportedEnvelope, "ce_specversion", "expected CloudEvents 1.0");
    }
    if (!headers.content_type.empty() && !IsJsonType(headers.content_type)) {
      return Fail(fault, RejectionCode::kUnsupportedEnvelope, "content-type", "the data must be JSON");
    }
    if (!headers.type.empty() && !PutType(document, headers.type, "ce_type", fault)) return false;
    if (!headers.id.empty()) Put(document, Member::kEventId, headers.id);
    if (!headers.source.empty()) Put(document, Member::kSource, headers.source);
    PutIfAbsent(document, Member::kOccurredAt, headers.time);
    PutIfAbsent(document, Member::kTenant, headers.tenant);
    PutIfAbsent(document, Member::kTraceparent, headers.ce_traceparent);
  }
  PutIfAbsent(document, Member::kTraceparent, headers.traceparent);
  return true;
}

namespace {

struct Attributes {
  std::string_view type;
  std::string_view id;
  std::string_view source;
  std::string_view time;
  std::string_view tenant;
  std::string_view traceparent;
};

// What the envelope says, however it carries the data.
bool ReadAttributes(const Document& document, Attributes& out, Fault& fault) {
  std::string_view specversion;
  std::string_view data_type;
  if (!RequiredAttribute(document, Member::kSpecversion, specversion, fault) ||
      !RequiredAttribute(document, Member::kCloudType, out.type, fault) ||
      !RequiredAttribute(document, Member::kCloudId, out.id, fault) ||
      !RequiredAttribute(document, Member::kCloudSource, out.source, fault) ||
      !Attribute(document, Member::kCloudTime, out.time, fault) ||
      !Attribute(document, Member::kCloudTenant, out.tenant, fault) ||
      !Attribute(document, Member::kCloudTraceparent, out.traceparent, fault) ||
      !Attribute(document, Member::kCloudDatacontenttype, data_type, fault)) {
    return false;
  }
  if (specversion != "1.0") {
    return Fail(fault, RejectionCode::kUnsupportedEnvelope, "specversion", "expected CloudEvents 1.0");
  }
  return data_type.empty() || IsJsonType(data_type) ||
         Fail(fault, RejectionCode::kUnsupportedEnvelope, "data", "the data must be a JSON object");
}

bool PutAttributes(const Attributes& attributes, Document& document, Fault& fault) {
  if (!PutType(document, attributes.type, "type", fault)) return false;
  Put(document, Member::kEventId, attributes.id);
  Put(document, Member::kSource, attributes.source);
  PutIfAbsent(document, Member::kOccurredAt, attributes.time);
  PutIfAbsent(document, Member::kTenant, attributes.tenant);
  PutIfAbsent(document, Member::kTraceparent, attributes.traceparent);
  return true;
}

}  // namespace

bool ApplyEnvelope(Document& document, Fault& fault) {
  Attributes attributes;
  if (!ReadAttributes(document, attributes, fault)) return false;
  if (!document.present[Index(Member::kData)]) {
    return Fail(fault, RejectionCode::kMissingMember, "data", "required");
  }
  if (document.slots[Index(Member::kData)].kind != Slot::Kind::kObject) {
    return Fail(fault, RejectionCode::kWrongType, "data", "expected an object");
  }
  return PutAttributes(attributes, document, fault);
}

bool HasEncodedData(const Document& document) { return document.present[Index(Member::kDataBase64)]; }

bool EncodedEnvelope::Take(const Document& document, Fault& fault) {
  Attributes attributes;
  std::string_view encoded;
  if (!ReadAttributes(document, attributes, fault) ||
      !Attribute(document, Member::kDataBase64, encoded, fault))
    return false;
  if (document.present[Index(Member::kData)])
    return Fail(fault, RejectionCode::kConflictingMembers, "data_base64", "data is there as well");
  std::optional<std::string> decoded = FromBase64(encoded);
  if (!decoded) return Fail(fault, RejectionCode::kUnsupportedEnvelope, "data_base64", "not base64");
  data_ = *std::move(decoded);
  type_ = attributes.type;
  id_ = attributes.id;
  source_ = attributes.source;
  time_ = attributes.time;
  tenant_ = attributes.tenant;
  traceparent_ = attributes.traceparent;
  unknown_members_ = document.unknown_members;
  return true;
}

bool EncodedEnvelope::Apply(Document& document, Fault& fault) const {
  document.unknown_members += unknown_members_;
  return PutAttributes({.type = type_,
                        .id = id_,
                        .source = source_,
                        .time = time_,
                        .tenant = tenant_,
                        .traceparent = traceparent_},
                       document, fault);
}

}  // namespace tocsin::schemas::codec
