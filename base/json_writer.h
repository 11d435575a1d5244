// Writes compact JSON in the order it is told: the same calls give the same bytes. Misuse (two keys in a row) is a CHECK in
// debug builds only. Appends to a string the caller owns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace tocsin {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& BeginObject();
  JsonWriter& EndObject();
  JsonWriter& BeginArray();
  JsonWriter& EndArray();
  JsonWriter& Key(std::string_view key);
  JsonWriter& String(std::string_view value);  // Invalid UTF-8 becomes U+FFFD.
  JsonWriter& Int(int64_t value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // Shortest text that reads back as the same double; not finite becomes null.
  JsonWriter& Double(double value);
  JsonWriter& Time(Timestamp at) { return String(FormatRfc3339(at)); }
  // `json` is written as it is. REQUIRES: it is valid JSON.
  JsonWriter& Raw(std::string_view json);

  // key and value in one call.
  JsonWriter& Member(std::string_view key, std::string_view value) { return Key(key).String(value); }
  JsonWriter& Member(std::string_view key, const char* value) { return Key(key).String(value); }
  JsonWriter& Member(std::string_view key, int64_t value) { return Key(key).Int(value); }
  JsonWriter& Member(std::string_view key, int value) { return Key(key).Int(value); }
  JsonWriter& Member(std::string_view key, double value) { return Key(key).Double(value); }
  JsonWriter& Member(std::string_view key, bool value) { return Key(key).Bool(value); }
  JsonWriter& Member(std::string_view key, Timestamp value) { return Key(key).Time(value); }
  // Written only when there is something to say.
  JsonWriter& MemberIf(std::string_view key, std::string_view value) {
    return value.empty() ? *this : Member(key, value);
  }

 private:
  void Separate();
  std::string& out_;
  std::vector<bool> first_{true};  // Per open container: nothing written in it yet.
  bool after_key_ = false;
};

}  // namespace tocsin
