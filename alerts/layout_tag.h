// What stands between {{ and }} in a layout (alerts/layout.h): for the program that fills it, and for the one
// that checks it when the program is built.
#pragma once

#include <string_view>

namespace tocsin::alerts {

// Of a section, before its name.
inline bool IsSectionSign(char sign) { return sign == '#' || sign == '^' || sign == '/'; }

// Also of an argument of a sentence.
inline bool IsTagName(std::string_view name) {
  return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

}  // namespace tocsin::alerts
