// Room to grow in the lists of an account. A vector grows to twice its size; most lists of an account stay as
// long as they are, so that half of a million accounts' memory would be waiting for entries that never come.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace tocsin::detectors {

// Before one entry is added: grows by a quarter.
template <class T>
void MakeRoom(std::vector<T>& list) {
  if (list.size() == list.capacity()) list.reserve(list.size() + list.size() / 4 + 1);
}

// After entries went: a list that was once long does not keep its room.
template <class T>
void GiveBackRoom(std::vector<T>& list) {
  if (list.capacity() <= list.size() + list.size() / 2 + 1) return;
  std::vector<T> less;
  less.reserve(list.size() + list.size() / 4 + 1);
  less.insert(less.end(), std::move_iterator(list.begin()), std::move_iterator(list.end()));
  list = std::move(less);
}

}  // namespace tocsin::detectors
