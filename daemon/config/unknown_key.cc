#include "daemon/config/unknown_key.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kListedMax = 12;

std::string Say(std::string_view name, std::string_view parent, const std::vector<std::string_view>& known,
                bool list) {
  std::string text = "is not a known key";
  if (const std::string_view nearest = NearestName(name, known); !nearest.empty())
    return text.append("; did you mean ").append(parent).append(nearest).append("?");
  if (!list || known.empty() || known.size() > kListedMax) return text;
  text += "; there are";
  const char* separator = " ";
  for (const std::string_view one : known) {
    text.append(separator).append(one);
    separator = ", ";
  }
  return text;
}

}  // namespace

std::string UnknownKey(std::string_view path, std::span<const std::string_view> paths) {
  const size_t dot = path.rfind('.');
  const std::string_view parent = path.substr(0, dot == std::string_view::npos ? 0 : dot + 1);
  std::vector<std::string_view> known;
  for (const std::string_view one : paths) {
    if (!one.starts_with(parent)) continue;
    const std::string_view below = one.substr(parent.size());
    const std::string_view name = below.substr(0, below.find('.'));
    if (!name.empty() && std::ranges::find(known, name) == known.end()) known.push_back(name);
  }
  return Say(path.substr(parent.size()), parent, known, !parent.empty());
}

std::string UnknownMember(std::string_view name, std::span<const std::string_view> names) {
  std::vector<std::string_view> known;
  for (const std::string_view one : names)
    if (std::ranges::find(known, one) == known.end()) known.push_back(one);
  return Say(name, "", known, true);
}

}  // namespace tocsin::daemon
