// The text form of every enum of the contract, in one table each: decoder, encoder, JSON Schemas' test and
// documentation use these. Absent (kNone) is "".
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "schemas/alert.h"
#include "schemas/event.h"
#include "schemas/finding.h"
#include "schemas/record.h"

namespace tocsin::schemas {

template <class E>
struct EnumName {
  E value;
  std::string_view name;
};

// Specialised in enum_names.cc for every enum of event.h, finding.h, alert.h, facts.h (NetworkClass,
// Anonymiser, Precision) and OutputKind.
template <class E>
[[nodiscard]] std::span<const EnumName<E>> EnumNames();

template <class E>
[[nodiscard]] std::string_view Name(E value) {
  for (const auto& entry : EnumNames<E>()) {
    if (entry.value == value) return entry.name;
  }
  return {};
}

template <class E>
[[nodiscard]] std::optional<E> FromName(std::string_view name) {
  for (const auto& entry : EnumNames<E>()) {
    if (entry.name == name) return entry.value;
  }
  return std::nullopt;
}

}  // namespace tocsin::schemas
