#include "daemon/service/admin_parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "daemon/http/admin_guard.h"

namespace tocsin::daemon {
namespace {

constexpr std::array<std::string_view, 6> kKinds = {"event",  "finding", "notice",
                                                    "ticket", "action",  "dead_letter"};

bool IsDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool AreKinds(std::string_view list) {
  for (;;) {
    const size_t end = list.find(',');
    if (std::ranges::find(kKinds, list.substr(0, end)) == kKinds.end()) return false;
    if (end == std::string_view::npos) return true;
    list.remove_prefix(end + 1);
  }
}

// A number of an answer, or -1: from now on, as without one.
bool IsPlace(std::string_view text) {
  uint64_t number = 0;
  return text == "-1" || (IsDigits(text) &&
                          std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc());
}

}  // namespace

std::string WrongParameter(const HttpRequest& request) {
  const std::string limit = QueryValue(request.query, "limit");
  if (!limit.empty() && (!IsDigits(limit) || limit.find_first_not_of('0') == std::string::npos))
    return "limit: must be a whole number from 1";
  const std::string format = QueryValue(request.query, "format");
  if (!format.empty() && format != "json" && format != "text") return "format: must be json or text";
  const std::string all = QueryValue(request.query, "all");
  if (!all.empty() && all != "true" && all != "false") return "all: must be true or false";
  if (const std::string kinds = QueryValue(request.query, "kinds"); !kinds.empty() && !AreKinds(kinds))
    return "kinds: must be of event, finding, notice, ticket, action and dead_letter, with commas between";
  if (const std::string after = QueryValue(request.query, "after"); !after.empty() && !IsPlace(after))
    return "after: must be the number that `next` of an answer is";
  return {};
}

size_t LimitOf(const HttpRequest& request, size_t usual, size_t most) {
  const std::string text = QueryValue(request.query, "limit");
  size_t limit = usual;
  if (std::from_chars(text.data(), text.data() + text.size(), limit).ec == std::errc::result_out_of_range)
    return most;
  return std::clamp<size_t>(limit, 1, most);
}

}  // namespace tocsin::daemon
