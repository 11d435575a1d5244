// The account of a record that has no key, as a file's lines have none, before the record is decoded. A guess
// for prefetching: records of one producer have their members at few different places.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tocsin::daemon {

// One thread.
class KeyFinder {
 public:
  // "" when nothing that looks like the member is there.
  [[nodiscard]] std::string_view Find(std::string_view json);

 private:
  std::array<size_t, 4> places_{};  // Where the member was found last.
  size_t oldest_ = 0;
};

}  // namespace tocsin::daemon
