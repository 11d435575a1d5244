#include "daemon/delivery/curl_handle.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <mutex>

#include "base/check.h"
#include "base/ip_address.h"

namespace tocsin::daemon {
namespace {

int OnProgress(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(stop)->load(std::memory_order_relaxed) ? 1 : 0;
}

bool IsPublic(const curl_sockaddr& address) {
  if (address.family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.addr, sizeof v4);
    return IpAddress::FromV4(ntohl(v4.sin_addr.s_addr)).IsPublic();
  }
  if (address.family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address.addr, std::min<size_t>(sizeof v6, address.addrlen));
    std::array<uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return IpAddress::FromBytes(bytes).IsPublic();
  }
  return false;
}

// Called with the address that was resolved: what a name means is decided here, not before.
curl_socket_t OpenSocket(void* refused, curlsocktype, curl_sockaddr* address) {
  if (!IsPublic(*address)) {
    *static_cast<bool*>(refused) = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

CurlEasy MakeCurl() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  CurlEasy curl(curl_easy_init());
  CHECK(curl != nullptr);
  return curl;
}

void PrepareCurl(CURL* curl, const std::atomic<bool>* stop, long timeout_seconds,
                 std::array<char, CURL_ERROR_SIZE>& why) {
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeout_seconds);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, std::min(10L, timeout_seconds));
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why.data());
  if (stop == nullptr) return;
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(stop));  // NOLINT: only read.
}

void UseRelay(CURL* curl, const MailConfig& config) {
  const auto set = [curl](CURLoption option, auto value) { curl_easy_setopt(curl, option, value); };
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  const std::string url = config.hello.empty() ? config.url : config.url + "/" + config.hello;
  set(CURLOPT_URL, url.c_str());
  if (config.tls) set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  if (!config.ca.empty()) set(CURLOPT_CAINFO, config.ca.c_str());
  if (config.username.empty()) return;
  set(CURLOPT_USERNAME, config.username.c_str());
  set(CURLOPT_PASSWORD, config.password.c_str());
}

void RefusePrivateAddresses(CURL* curl, bool& refused) {
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, OpenSocket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, &refused);
}

std::string CodeOf(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return "timeout";
    case CURLE_COULDNT_CONNECT:
      return "connect";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "resolve";
    case CURLE_SSL_CONNECT_ERROR:
      return "tls_handshake";
    case CURLE_USE_SSL_FAILED:
      return "no_starttls";
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
      return "tls";
    case CURLE_ABORTED_BY_CALLBACK:
      return "stopped";
    case CURLE_URL_MALFORMAT:
      return "url";
    case CURLE_UNSUPPORTED_PROTOCOL:  // Of the answer: that of the URL is read with the configuration.
      return "not_http";
    case CURLE_LOGIN_DENIED:
      return "login";
    default:
      return "transport";
  }
}

}  // namespace tocsin::daemon
