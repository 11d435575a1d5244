// What is said of a name that is none: the nearest of those that are, or all where they are few.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tocsin::daemon {

// "is not a known key; did you mean detectors.new_country?" Compared are names in the same place of `paths`
// ("detectors.new_country.weight"): a name of another section is nobody's misspelling.
[[nodiscard]] std::string UnknownKey(std::string_view path, std::span<const std::string_view> paths);
// The same of a member of a map that knows `names`.
[[nodiscard]] std::string UnknownMember(std::string_view name, std::span<const std::string_view> names);

}  // namespace tocsin::daemon
