// What the users of libcurl share: owners, the stop, and the codes that its errors have here.
#pragma once

#include <curl/curl.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>

namespace tocsin::daemon {

template <auto Free>
struct FreeByCurl {
  template <class T>
  void operator()(T* held) const {
    Free(held);
  }
};
using CurlEasy = std::unique_ptr<CURL, FreeByCurl<curl_easy_cleanup>>;
using CurlList = std::unique_ptr<curl_slist, FreeByCurl<curl_slist_free_all>>;

// A fresh handle; the library is initialised once for the process.
[[nodiscard]] CurlEasy MakeCurl();

// Set on the handle: `stop`, when it is not null, ends a transfer within a second. Signals are not used, and
// neither are proxies of the environment.
void PrepareCurl(CURL* curl, const std::atomic<bool>* stop, long timeout_seconds,
                 std::array<char, CURL_ERROR_SIZE>& why);

// Refuses sockets to addresses that are not public. `refused` outlives the transfers; it is set when one was.
void RefusePrivateAddresses(CURL* curl, bool& refused);

// A stable code: "timeout", "connect", "resolve", "tls" (the certificate), "tls_handshake" (not even that),
// "no_starttls", "stopped", "url", "transport".
[[nodiscard]] std::string CodeOf(CURLcode code);

}  // namespace tocsin::daemon
