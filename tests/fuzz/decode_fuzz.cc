// Any bytes as a record's value, in each of the forms a record may have. Beyond not crashing:
//   - a rejection has a known code, and its field and detail are made of the contract's words only;
//   - simdjson's own full parser agrees on what is JSON;
//   - what is accepted can be written, read again, and written to the same bytes;
//   - whatever came before, a good event is read afterwards.
#include <simdjson.h>

#include <algorithm>
#include <string>

#include "base/check.h"
#include "schemas/encode.h"
#include "schemas/event_decoder.h"

namespace {

using namespace tocsin::schemas;  // NOLINT(google-build-using-namespace): a program of one file.

constexpr std::string_view kGood =
    R"({"type":"login","event_id":"e","account_id":"a","occurred_at":100000000000,"outcome":"success"})";

DecodeLimits Unkeyed() {
  DecodeLimits limits;
  limits.check_key = false;
  return limits;
}

struct Fixture {
  EventDecoder decoder{Unkeyed()};
  Event event;
  simdjson::dom::parser parser;
  std::string written;
  std::string again;
};

Record RecordOf(std::string_view value, std::span<const Header> headers = {}) {
  Record record;
  record.topic = "events";
  record.headers = headers;
  record.value = value;
  return record;
}

void CheckRejection(const Rejection& rejection) {
  CHECK(CodeName(rejection.code) != "unknown");
  CHECK(!rejection.detail.empty());
  CHECK(rejection.field.size() < 64 && rejection.detail.size() < 128);
  CHECK(std::all_of(rejection.field.begin(), rejection.field.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '[' || c == ']' ||
           c == '-';
  }));
}

bool HasSurrogate(std::string_view json) {
  return json.find("\\ud") != std::string_view::npos || json.find("\\uD") != std::string_view::npos;
}

// simdjson's parser refuses numbers beyond 64 bits, which JSON allows, and half a surrogate pair, which costs
// no event where a client may have sent it.
void CheckJson(Fixture& fixture, std::string_view value, bool is_json) {
  const auto error = fixture.parser.parse(value.data(), value.size()).error();
  if (is_json) {
    CHECK(error == simdjson::SUCCESS || error == simdjson::NUMBER_ERROR ||
          (error == simdjson::STRING_ERROR && HasSurrogate(value)));
  } else {
    CHECK(error != simdjson::SUCCESS || !fixture.parser.doc.root().is_object());
  }
}

void CheckRoundTrip(Fixture& fixture) {
  fixture.written.clear();
  AppendJson(fixture.written, fixture.event);
  // Escapes may make the text longer than a record may be.
  if (fixture.written.size() > DecodeLimits{}.bytes_max) return;
  CHECK(fixture.decoder.Decode(RecordOf(fixture.written), fixture.event).ok());
  fixture.again.clear();
  AppendJson(fixture.again, fixture.event);
  CHECK(fixture.again == fixture.written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Fixture& fixture = *new Fixture;
  const std::string_view value(reinterpret_cast<const char*>(data), size);

  static constexpr Header kBinary[] = {{"ce_specversion", "1.0"},
                                       {"ce_type", "tocsin.transaction.v1"},
                                       {"ce_id", "e"},
                                       {"ce_source", "s"},
                                       {"ce_time", "2026-03-01T00:00:00Z"}};
  static constexpr Header kStructured[] = {{"content-type", "application/cloudevents+json"}};
  const std::span<const Header> forms[] = {{}, kBinary, kStructured};
  for (const auto& headers : forms) {
    const auto decoded = fixture.decoder.Decode(RecordOf(value, headers), fixture.event);
    const bool framed = !value.empty() && value.front() == '\0';
    if (!decoded) {
      CheckRejection(decoded.error());
      if (!framed && decoded.error().code == RejectionCode::kNotJson) CheckJson(fixture, value, false);
      continue;
    }
    if (!framed) CheckJson(fixture, value, true);
    CheckRoundTrip(fixture);
  }
  // The input itself as the attributes of a CloudEvent.
  const Header hostile[] = {{"ce_type", "tocsin.login.v1"},
                            {"ce_id", value},
                            {"ce_source", value},
                            {"ce_time", value},
                            {value, value},
                            {"traceparent", value}};
  const auto decoded = fixture.decoder.Decode(RecordOf(kGood, hostile), fixture.event);
  if (!decoded) CheckRejection(decoded.error());

  CHECK(fixture.decoder.Decode(RecordOf(kGood), fixture.event).ok());
  CHECK(fixture.event.event_id.view() == "e" && fixture.event.source == "events" && !fixture.event.ip);
  return 0;
}
