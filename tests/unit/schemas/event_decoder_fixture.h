// One login and one transaction that are as the contract has them, and what becomes of them when they are
// changed.
#pragma once

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

#include "schemas/event_decoder.h"

namespace tocsin::schemas {

inline constexpr std::string_view kLogin =
    R"({"type":"login","event_id":"e1","account_id":"a1","occurred_at":"2026-03-01T08:00:00+08:00","outcome":"success"})";
inline constexpr std::string_view kTransaction =
    R"({"type":"transaction","event_id":"e1","account_id":"a1","occurred_at":1772323200000,"transaction_id":"t1",)"
    R"("kind":"transfer","status":"completed","amount":"12.34","currency":"CNY"})";

inline Record RecordOf(std::string_view value) {
  Record record;
  record.topic = "logins";
  record.appended_at = *ParseRfc3339("2026-03-01T00:00:01Z");
  record.key = "a1";
  record.value = value;
  return record;
}

// `json` with the first `from` replaced by `to`.
inline std::string With(std::string_view json, std::string_view from, std::string_view to) {
  std::string changed(json);
  const size_t at = changed.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? changed : changed.replace(at, from.size(), to);
}

// The same document with one more member in front.
inline std::string Plus(std::string_view json, std::string_view member) {
  return "{" + std::string(member) + "," + std::string(json.substr(1));
}

class EventDecoderTest : public testing::Test {
 protected:
  // The code and field of the rejection, "" when accepted.
  std::string Outcome(std::string_view value) { return Outcome(RecordOf(value)); }
  std::string Outcome(const Record& record) {
    const auto decoded = decoder.Decode(record, event);
    if (decoded) return "";
    return std::string(CodeName(decoded.error().code)) + " " + decoded.error().field;
  }

  EventDecoder decoder;
  Event event;
};

// A changed record, and what is to be said of it.
struct Rejected {
  std::string name;
  std::string value;
  std::string outcome;
};
inline void PrintTo(const Rejected& tested, std::ostream* out) { *out << tested.name; }

}  // namespace tocsin::schemas
