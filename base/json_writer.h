// Writes compact JSON in the order it is told: the same calls give the same bytes. Misuse (two keys in a row,
// a value without a key in an object, more than 64 levels) is a CHECK in debug builds only. Appends to a
// string the caller owns; allocates nothing else. One writer writes one value: for JSON lines, make one per
// line.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

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
  JsonWriter& Uint(uint64_t value);
  JsonWriter& Bool(bool value);
  JsonWriter& Null();
  // Shortest text that reads back as the same double; not finite becomes null.
  JsonWriter& Double(double value);
  JsonWriter& Time(Timestamp at);  // RFC 3339, as FormatRfc3339.
  // `json` is written as it is. REQUIRES: it is valid JSON.
  JsonWriter& Raw(std::string_view json);

  // key and value in one call.
  JsonWriter& Member(std::string_view key, std::string_view value) { return Key(key).String(value); }
  JsonWriter& Member(std::string_view key, const char* value) { return Key(key).String(value); }
  JsonWriter& Member(std::string_view key, const std::string& value) { return Key(key).String(value); }
  template <std::integral T>
  JsonWriter& Member(std::string_view key, T value) {
    Key(key);
    if constexpr (std::is_same_v<T, bool>) {
      return Bool(value);
    } else if constexpr (std::is_signed_v<T>) {
      return Int(value);
    } else {
      return Uint(value);
    }
  }
  JsonWriter& Member(std::string_view key, double value) { return Key(key).Double(value); }
  JsonWriter& Member(std::string_view key, Timestamp value) { return Key(key).Time(value); }
  // Written only when there is something to say.
  JsonWriter& MemberIf(std::string_view key, std::string_view value) {
    return value.empty() ? *this : Member(key, value);
  }

 private:
  void Separate();
  void Open(char bracket, bool object);
  void Close(char bracket, bool object);

  std::string& out_;
  bool comma_ = false;      // The next key or value is not the first of its container.
  bool after_key_ = false;  // These three find misuse only.
  int depth_ = 0;
  uint64_t objects_ = 0;  // Bit i: the container i levels up is an object.
};

}  // namespace tocsin
