#include "schemas/batch.h"

namespace tocsin::schemas {
namespace {

constexpr std::string_view kWhite = " \t\r\n";

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(kWhite);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhite) - first + 1);
}

// The place behind the string whose opening quote is at `at`; npos when it does not end.
size_t EndOfString(std::string_view json, size_t at) {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '\\') {
      ++at;
    } else if (json[at] == '"') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

// Where the element that begins at `at` ends: at a comma or bracket of the outermost array; npos when there
// is none.
size_t EndOfElement(std::string_view json, size_t at) {
  for (size_t depth = 0; at < json.size();) {
    switch (json[at]) {
      case '"':
        at = EndOfString(json, at);
        if (at == std::string_view::npos) return at;
        continue;
      case '{':
      case '[':
        ++depth;
        break;
      case '}':
      case ']':
        if (depth == 0) return at;
        --depth;
        break;
      case ',':
        if (depth == 0) return at;
        break;
      default:
        break;
    }
    ++at;
  }
  return std::string_view::npos;
}

Error Invalid(const char* detail) { return {ErrorCode::kInvalid, "", detail}; }

}  // namespace

Result<std::vector<std::string_view>> SplitBatch(std::string_view json, size_t elements_max) {
  json = Trim(json);
  if (json.empty() || json.front() != '[') return Invalid("not a JSON array");
  std::vector<std::string_view> elements;
  for (size_t at = 1;;) {
    const size_t end = EndOfElement(json, at);
    if (end == std::string_view::npos || json[end] == '}') return Invalid("the JSON array does not end");
    const std::string_view element = Trim(json.substr(at, end - at));
    const bool last = json[end] == ']';
    if (element.empty() && !(last && elements.empty()))
      return Invalid("an element of the JSON array is empty");
    if (!element.empty() && elements.size() < elements_max) elements.push_back(element);
    at = end + 1;
    if (!last) continue;
    if (at != json.size()) return Invalid("something follows the JSON array");
    return elements;
  }
}

bool IsSeveral(std::string_view json) {
  json = Trim(json);
  if (json.starts_with('[')) return true;
  if (!json.starts_with('{')) return false;
  // Inside the object, each member is an element.
  size_t end = EndOfElement(json, 1);
  while (end != std::string_view::npos && json[end] == ',') end = EndOfElement(json, end + 1);
  return end != std::string_view::npos && Trim(json.substr(end + 1)).starts_with('{');
}

}  // namespace tocsin::schemas
