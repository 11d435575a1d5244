// The name an account has where its id must not be: a keyed hash. Whoever has no key learns nothing from it,
// not even by trying ids.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace tocsin::daemon {

// Immutable.
class AccountRefs {
 public:
  // Reads the key in `directory`/account-ref.key, or makes one that only this user can read.
  [[nodiscard]] static Result<AccountRefs> Open(const std::string& directory);
  explicit AccountRefs(std::string key) : key_(std::move(key)) {}

  // 16 hex digits.
  [[nodiscard]] std::string Of(std::string_view account) const;

 private:
  std::string key_;
};

}  // namespace tocsin::daemon
