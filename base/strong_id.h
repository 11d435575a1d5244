// Ids that cannot be passed for one another.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin {

template <class Tag>
class StrongId {
 public:
  StrongId() = default;
  explicit StrongId(std::string value) : value_(std::move(value)) {}
  explicit StrongId(std::string_view value) : value_(value) {}
  explicit StrongId(const char* value) : value_(value) {}

  [[nodiscard]] const std::string& str() const { return value_; }
  [[nodiscard]] std::string_view view() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  // Keeps the capacity, so that an event reused for the next record does not allocate.
  void Assign(std::string_view value) { value_.assign(value); }
  void Clear() { value_.clear(); }

  friend bool operator==(const StrongId&, const StrongId&) = default;
  friend auto operator<=>(const StrongId&, const StrongId&) = default;

 private:
  std::string value_;
};

using AccountId = StrongId<struct AccountIdTag>;
using EventId = StrongId<struct EventIdTag>;

}  // namespace tocsin

template <class Tag>
struct std::hash<tocsin::StrongId<Tag>> {
  size_t operator()(const tocsin::StrongId<Tag>& id) const noexcept {
    return std::hash<std::string_view>{}(id.view());
  }
};
