#include "alerts/message_files.h"

#include <simdjson.h>

namespace tocsin::alerts {

Result<std::map<std::string, std::string, std::less<>>> ParseMessages(std::string_view json) {
  std::map<std::string, std::string, std::less<>> texts;
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(json);
  simdjson::dom::object object;
  if (parser.parse(padded).get(object) != simdjson::SUCCESS) {
    return Error{ErrorCode::kInvalid, "", "not a JSON object"};
  }
  for (const auto& [key, value] : object) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS || text.empty()) {
      return Error{ErrorCode::kInvalid, std::string(key), "not a text"};
    }
    if (!texts.emplace(key, text).second) return Error{ErrorCode::kInvalid, std::string(key), "comes twice"};
  }
  return texts;
}

}  // namespace tocsin::alerts
