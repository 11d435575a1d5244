// What belongs to one thread, said by a check instead of a comment.
#pragma once

#include <thread>

#include "base/check.h"

namespace tocsin {

// The first thread that calls Check is the owner; another one that does stops the process. Made anywhere.
class OneThread {
 public:
  void Check() {
    const std::thread::id here = std::this_thread::get_id();
    if (owner_ == std::thread::id()) owner_ = here;
    CHECK(owner_ == here);
  }

 private:
  std::thread::id owner_;
};

}  // namespace tocsin
