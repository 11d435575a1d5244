// The id of an event, as lists of the account state keep it.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace tocsin::detectors {

// A short text that lives inside the object: a list of them is one block of memory. A UUID fits; the longer
// ids that producers may choose have a block of their own. Reads as a string_view, compares by its bytes.
class KeptId {
 public:
  static constexpr size_t kInsideMax = 38;

  KeptId() noexcept { held_[kTag] = 0; }
  // Implicit, so that what comes with an event is kept as it is.
  KeptId(std::string_view text) : KeptId() { assign(text); }           // NOLINT(google-explicit-constructor)
  KeptId(const std::string& text) : KeptId(std::string_view(text)) {}  // NOLINT(google-explicit-constructor)
  KeptId(const char* text) : KeptId(std::string_view(text)) {}         // NOLINT(google-explicit-constructor)
  KeptId(const KeptId& other) : KeptId() {
    if (other.outside()) {
      assign(other.view());
    } else {
      std::memcpy(held_, other.held_, sizeof held_);
    }
  }
  KeptId(KeptId&& other) noexcept {
    std::memcpy(held_, other.held_, sizeof held_);
    other.held_[kTag] = 0;
  }
  KeptId& operator=(const KeptId& other) {
    if (this != &other) assign(other.view());
    return *this;
  }
  KeptId& operator=(KeptId&& other) noexcept {
    if (this == &other) return *this;
    clear();
    std::memcpy(held_, other.held_, sizeof held_);
    other.held_[kTag] = 0;
    return *this;
  }
  ~KeptId() { clear(); }

  // `text` may not lie in this object.
  void assign(std::string_view text) {
    clear();
    if (text.size() <= kInsideMax) {
      if (!text.empty()) std::memcpy(held_, text.data(), text.size());
      held_[kTag] = static_cast<char>(text.size());
      return;
    }
    char* const block = new char[text.size()];
    std::memcpy(block, text.data(), text.size());
    const size_t size = text.size();
    std::memcpy(held_, &block, sizeof block);
    std::memcpy(held_ + sizeof block, &size, sizeof size);
    held_[kTag] = kOutside;
  }
  void clear() noexcept {
    if (outside()) delete[] Block();
    held_[kTag] = 0;
  }

  [[nodiscard]] std::string_view view() const {
    if (!outside()) return {held_, static_cast<size_t>(held_[kTag])};
    size_t size = 0;
    std::memcpy(&size, held_ + sizeof(char*), sizeof size);
    return {Block(), size};
  }
  [[nodiscard]] std::string str() const { return std::string(view()); }
  [[nodiscard]] bool empty() const { return held_[kTag] == 0; }
  [[nodiscard]] size_t size() const { return view().size(); }
  operator std::string_view() const { return view(); }          // NOLINT(google-explicit-constructor)
  operator std::string() const { return std::string(view()); }  // NOLINT(google-explicit-constructor)

  // Memory held besides the object.
  [[nodiscard]] size_t HeapBytes() const { return outside() ? size() + 8 : 0; }

  friend bool operator==(const KeptId& a, const KeptId& b) { return a.view() == b.view(); }
  friend std::strong_ordering operator<=>(const KeptId& a, const KeptId& b) { return a.view() <=> b.view(); }
  template <class Text>
  requires(!std::same_as<Text, KeptId> && std::convertible_to<const Text&, std::string_view>) friend bool
  operator==(const KeptId& a, const Text& b) {
    return a.view() == std::string_view(b);
  }
  template <class Text>
  requires(!std::same_as<Text, KeptId> &&
           std::convertible_to<const Text&, std::string_view>) friend std::strong_ordering
  operator<=>(const KeptId& a, const Text& b) {
    return a.view() <=> std::string_view(b);
  }

 private:
  static constexpr size_t kTag = 39;     // Index of the size, or kOutside.
  static constexpr char kOutside = 127;  // A pointer and a size lie in front.

  [[nodiscard]] bool outside() const { return held_[kTag] == kOutside; }
  [[nodiscard]] char* Block() const {
    char* block = nullptr;
    std::memcpy(&block, held_, sizeof block);
    return block;
  }

  char held_[kTag + 1];  // What the size does not cover is not initialised.
};
static_assert(sizeof(KeptId) == 40 && KeptId::kInsideMax >= 36);

}  // namespace tocsin::detectors
