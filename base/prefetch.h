// Asks the processor to bring memory near that will soon be read. Only a hint: it changes nothing, and no
// address can be wrong.
#pragma once

#include <algorithm>
#include <cstddef>

namespace tocsin {

inline void PrefetchBytes(const void* begin, size_t bytes) {
  constexpr size_t kLine = 64;
  const auto* const at = static_cast<const char*>(begin);
  for (size_t i = 0; i < bytes; i += kLine) __builtin_prefetch(at + i);
}

// The elements of a contiguous list, at most `bytes_max` of them; of a longer one those at the end, which are
// the newest.
template <class List>
void PrefetchList(const List& list, size_t bytes_max = 1024) {
  const size_t bytes = list.size() * sizeof(*list.data());
  const size_t wanted = std::min(bytes, bytes_max);
  PrefetchBytes(reinterpret_cast<const char*>(list.data()) + (bytes - wanted), wanted);
}

}  // namespace tocsin
