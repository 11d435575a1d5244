// Hashes: fast ones for tables and for identity from cause. Not for secrets (see alerts/answer_token.h for
// HMAC).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin {

struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
  friend bool operator==(const Hash128&, const Hash128&) = default;
  friend auto operator<=>(const Hash128&, const Hash128&) = default;
};

// XXH3 of the bytes; stable across versions and machines (it is stored).
[[nodiscard]] uint64_t Hash64(std::string_view bytes, uint64_t seed = 0);

// Identity from cause: a 128-bit hash of fields that cannot run into each other (each is preceded by its
// length).
class IdentityHash {
 public:
  IdentityHash& Add(std::string_view field);
  IdentityHash& Add(int64_t field);
  [[nodiscard]] Hash128 Finish() const;

 private:
  std::string bytes_;
};

// 32 lower-case hex digits.
[[nodiscard]] std::string ToHex(const Hash128& hash);

// CRC-32C (Castagnoli) of `bytes`, continued from `crc` (0 at the start): frames of the local log.
[[nodiscard]] uint32_t Crc32c(std::string_view bytes, uint32_t crc = 0);
// The same without the processor's instruction; for tests.
[[nodiscard]] uint32_t Crc32cPortable(std::string_view bytes, uint32_t crc = 0);

}  // namespace tocsin
