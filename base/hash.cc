#include "base/hash.h"

#include "base/bytes.h"

// Inlined, because most keys are short and the call would cost as much as the hash.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tocsin {

uint64_t Hash64(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

IdentityHash& IdentityHash::Add(std::string_view field) {
  ByteWriter(bytes_).String(field);
  return *this;
}

IdentityHash& IdentityHash::Add(int64_t field) {
  ByteWriter writer(bytes_);
  writer.Varint(sizeof field);
  writer.Fixed64(static_cast<uint64_t>(field));
  return *this;
}

Hash128 IdentityHash::Finish() const {
  const XXH128_hash_t hash = XXH3_128bits(bytes_.data(), bytes_.size());
  return {.high = hash.high64, .low = hash.low64};
}

std::string ToHex(const Hash128& hash) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out(32, '0');
  for (size_t i = 0; i < 16; ++i) {
    out[i] = kDigits[hash.high >> (60 - 4 * i) & 15];
    out[16 + i] = kDigits[hash.low >> (60 - 4 * i) & 15];
  }
  return out;
}

}  // namespace tocsin
