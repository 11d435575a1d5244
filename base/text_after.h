// Texts of one list without what they have in common: each without the beginning that it shares with the one
// before. Ids are like that where a producer counts up or puts the time in front.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace tocsin {

// A byte holds it.
[[nodiscard]] inline size_t SharedBeginning(std::string_view previous, std::string_view text) {
  const size_t most = std::min({previous.size(), text.size(), size_t{UINT8_MAX}});
  size_t shared = 0;
  while (shared < most && previous[shared] == text[shared]) ++shared;
  return shared;
}

inline void WriteTextAfter(ByteWriter& writer, std::string_view previous, std::string_view text) {
  const size_t shared = SharedBeginning(previous, text);
  writer.Byte(static_cast<uint8_t>(shared));
  writer.String(text.substr(shared));
}

// What WriteTextAfter(writer, `previous`, it) wrote, put together in `room`. Fails when it does not fit
// there, or shares more or less than was said.
[[nodiscard]] inline std::string_view ReadTextAfter(ByteReader& reader, std::string_view previous,
                                                    std::span<char> room) {
  const size_t shared = reader.Byte();
  const std::string_view rest = reader.String();
  if (shared > previous.size() || shared > room.size() || rest.size() > room.size() - shared) {
    reader.Fail();
    return {};
  }
  std::copy_n(previous.begin(), shared, room.begin());
  std::copy(rest.begin(), rest.end(), room.begin() + static_cast<std::ptrdiff_t>(shared));
  const std::string_view text(room.data(), shared + rest.size());
  if (SharedBeginning(previous, text) != shared) reader.Fail();
  return text;
}

}  // namespace tocsin
