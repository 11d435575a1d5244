// Requests to places that the configuration names. What comes back is small, and nothing leads elsewhere:
// redirects are answers, proxies of the environment are not used, and an address inside one's own network is
// refused unless it is allowed.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace tocsin::daemon {

struct HttpCall {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string user;  // With `password`: basic authentication. "" : none.
  std::string password;
  // The library sends a request again by itself when a kept connection ends without an answer. This one it
  // may not: it gets a connection of its own.
  bool once = false;
  // Of the answer only the status matters: a body beyond `answer_bytes_max` is cut, and no error.
  bool status_only = false;
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string etag;
  std::chrono::seconds retry_after{0};
};

struct HttpClientOptions {
  std::string ca_file;         // PEM; "" : the system's.
  bool allow_private = false;  // Addresses that are not on the public internet, and http without TLS.
  std::chrono::seconds timeout{20};
  size_t answer_bytes_max = 1U << 20U;
  const std::atomic<bool>* stop = nullptr;  // Set: whatever is under way ends. Outlives the client.
};

// Keeps its connections. One thread.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options);
  ~HttpClient();
  // An error's `field` is a stable code: "timeout", "connect", "resolve", "tls", "tls_handshake",
  // "private_address", "too_large", "stopped", "url", "not_http", "transport". Its detail is the library's
  // text, for an operator; it may name the host.
  [[nodiscard]] Result<HttpAnswer> Do(const HttpCall& call);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::daemon
