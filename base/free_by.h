// Deleters for what a C library hands out: std::unique_ptr<CURL, FreeBy<curl_easy_cleanup>>.
#pragma once

namespace tocsin {

template <auto Free>
struct FreeBy {
  template <class T>
  void operator()(T* held) const {
    Free(held);
  }
};

}  // namespace tocsin
