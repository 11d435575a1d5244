#include "schemas/output_reader.h"

#include <simdjson.h>

#include <utility>

#include "schemas/base64.h"

namespace tocsin::schemas {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

std::string TextOf(const object& from, const char* key) {
  std::string_view text;
  return from[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

Error Invalid(const char* field) {
  return {ErrorCode::kInvalid, field, "missing, or not what a dead letter has there"};
}

}  // namespace

std::map<std::string, std::string, std::less<>> PlainMembers(std::string_view json) {
  std::map<std::string, std::string, std::less<>> members;
  simdjson::dom::parser parser;
  object read;
  if (parser.parse(simdjson::padded_string(json)).get(read) != simdjson::SUCCESS) return members;
  for (const auto& [key, value] : read) {
    switch (value.type()) {
      case simdjson::dom::element_type::STRING: {
        std::string_view text;
        if (value.get(text) == simdjson::SUCCESS) members.emplace(key, text);
        break;
      }
      case simdjson::dom::element_type::INT64:
      case simdjson::dom::element_type::UINT64:
      case simdjson::dom::element_type::DOUBLE:
      case simdjson::dom::element_type::BOOL:
        members.emplace(key, simdjson::minify(value));
        break;
      default:
        break;
    }
  }
  return members;
}

std::vector<std::string> ArrayMember(std::string_view json, const std::string& name) {
  std::vector<std::string> elements;
  simdjson::dom::parser parser;
  simdjson::dom::array array;
  object read;
  if (parser.parse(simdjson::padded_string(json)).get(read) != simdjson::SUCCESS ||
      read[name].get(array) != simdjson::SUCCESS)
    return elements;
  for (const element one : array) elements.push_back(simdjson::minify(one));
  return elements;
}

Result<DeadLetter> ReadDeadLetter(std::string_view json) {
  simdjson::dom::parser parser;
  object read;
  if (parser.parse(simdjson::padded_string(json)).get(read) != simdjson::SUCCESS)
    return Invalid("dead letter");
  DeadLetter letter;
  letter.topic = TextOf(read, "topic");
  if (letter.topic.empty()) return Invalid("topic");
  int64_t partition = 0;
  if (read["partition"].get(partition) != simdjson::SUCCESS) return Invalid("partition");
  letter.partition = static_cast<int32_t>(partition);
  if (read["offset"].get(letter.offset) != simdjson::SUCCESS) return Invalid("offset");
  letter.reason = TextOf(read, "reason");
  letter.field = TextOf(read, "field");
  letter.detail = TextOf(read, "detail");
  if (const auto at = ParseRfc3339(TextOf(read, "appended_at"))) letter.appended_at = *at;
  letter.key = TextOf(read, "key");
  if (const std::string encoded = TextOf(read, "key_base64"); !encoded.empty()) {
    auto key = FromBase64(encoded);
    if (!key) return Invalid("key_base64");
    letter.key = *std::move(key);
  }
  simdjson::dom::array headers;
  if (read["headers"].get(headers) != simdjson::SUCCESS) return Invalid("headers");
  for (const element one : headers) {
    object header;
    if (one.get(header) != simdjson::SUCCESS) return Invalid("headers");
    auto value = FromBase64(TextOf(header, "value"));
    if (!value) return Invalid("headers");
    letter.headers.emplace_back(TextOf(header, "name"), *std::move(value));
  }
  auto bytes = FromBase64(TextOf(read, "bytes"));
  if (!bytes) return Invalid("bytes");
  letter.bytes = *std::move(bytes);
  return letter;
}

}  // namespace tocsin::schemas
