// Names a sentence of the catalogue (alerts/messages/*.json). A key written in the code is looked up when the
// code is compiled: one that is in no catalogue does not compile, at the place where it is asked for. One
// that is put together while the program runs is looked up then.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

#include "embedded/message_keys.h"

namespace tocsin::alerts {

// Stops the program, and names the key.
void CheckIsKey(std::string_view key);
// Not constexpr on purpose: the compiler stops at it.
void ThisKeyIsInNoFileOfAlertsMessages(std::string_view key);

class MessageKey {
 public:
  consteval MessageKey(const char* literal) : name_(literal) {  // NOLINT(google-explicit-constructor)
    if (!std::binary_search(std::begin(embedded::kMessageKeys), std::end(embedded::kMessageKeys), name_))
      ThisKeyIsInNoFileOfAlertsMessages(name_);
  }
  // CHECKs that there is such a sentence; `key` lives as long as this.
  [[nodiscard]] static MessageKey Of(std::string_view key) {
    CheckIsKey(key);
    return MessageKey(key, Found{});
  }
  [[nodiscard]] std::string_view name() const { return name_; }

 private:
  struct Found {};
  constexpr MessageKey(std::string_view key, Found /*found*/) : name_(key) {}
  std::string_view name_;
};

}  // namespace tocsin::alerts
