#include "daemon/detection/key_finder.h"

namespace tocsin::daemon {
namespace {
constexpr std::string_view kMember = "\"account_id\":\"";
}  // namespace

std::string_view KeyFinder::Find(std::string_view json) {
  const auto value_at = [&](size_t place) {
    const size_t begin = place + kMember.size();
    const size_t end = json.find('"', begin);
    return end == std::string_view::npos ? std::string_view() : json.substr(begin, end - begin);
  };
  for (const size_t place : places_) {
    if (place < json.size() && json.substr(place).starts_with(kMember)) return value_at(place);
  }
  const size_t place = json.find(kMember);
  if (place == std::string_view::npos) return {};
  places_[oldest_++ % places_.size()] = place;
  return value_at(place);
}

}  // namespace tocsin::daemon
