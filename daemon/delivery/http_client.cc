#include "daemon/delivery/http_client.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string_view>

#include "daemon/delivery/curl_handle.h"

namespace tocsin::daemon {

struct HttpClient::Impl {
  HttpClientOptions options;
  CurlEasy curl = MakeCurl();
  std::array<char, CURL_ERROR_SIZE> why{};
  HttpAnswer answer;
  bool too_large = false;
  bool refused = false;

  static size_t OnBody(char* data, size_t size, size_t count, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    impl.too_large = impl.answer.body.size() + size * count > impl.options.answer_bytes_max;
    if (impl.too_large) return 0;
    impl.answer.body.append(data, size * count);
    return size * count;
  }

  static size_t OnHeader(char* data, size_t size, size_t count, void* self) {
    std::string_view line(data, size * count);
    const auto value_of = [&line](std::string_view name) -> std::string_view {
      if (line.size() <= name.size() || ::strncasecmp(line.data(), name.data(), name.size()) != 0) return {};
      std::string_view value = line.substr(name.size());
      while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
      while (!value.empty() && (value.back() == '\r' || value.back() == '\n' || value.back() == ' '))
        value.remove_suffix(1);
      return value;
    };
    auto& answer = static_cast<Impl*>(self)->answer;
    if (const std::string_view etag = value_of("etag:"); !etag.empty()) answer.etag = etag;
    if (const std::string_view wait = value_of("retry-after:"); !wait.empty()) {
      int64_t seconds = 0;
      const auto [end, error] = std::from_chars(wait.data(), wait.data() + wait.size(), seconds);
      if (error == std::errc() && end == wait.data() + wait.size()) {
        answer.retry_after = std::chrono::seconds(std::clamp<int64_t>(seconds, 0, 86'400));
      } else if (const time_t at = curl_getdate(std::string(wait).c_str(), nullptr); at > 0) {
        answer.retry_after =
            std::chrono::seconds(std::clamp<int64_t>(static_cast<int64_t>(at - ::time(nullptr)), 0, 86'400));
      }
    }
    return size * count;
  }
};

HttpClient::HttpClient(HttpClientOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
}
HttpClient::~HttpClient() = default;

Result<HttpAnswer> HttpClient::Do(const HttpCall& call) {
  Impl& impl = *impl_;
  CURL* const curl = impl.curl.get();
  curl_easy_reset(curl);  // Connections stay.
  impl.why = {};
  impl.answer = {};
  impl.too_large = false;
  impl.refused = false;
  const auto set = [curl](CURLoption option, auto value) { curl_easy_setopt(curl, option, value); };
  PrepareCurl(curl, impl.options.stop, static_cast<long>(impl.options.timeout.count()), impl.why);
  if (!impl.options.allow_private) RefusePrivateAddresses(curl, impl.refused);
  set(CURLOPT_PROTOCOLS_STR, impl.options.allow_private ? "http,https" : "https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_FRESH_CONNECT, call.once ? 1L : 0L);
  set(CURLOPT_URL, call.url.c_str());
  set(CURLOPT_CUSTOMREQUEST, call.method.c_str());
  if (call.method != "GET") {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    set(CURLOPT_POSTFIELDS, call.body.c_str());
  }
  if (!impl.options.ca_file.empty()) set(CURLOPT_CAINFO, impl.options.ca_file.c_str());
  if (!call.user.empty()) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERNAME, call.user.c_str());
    set(CURLOPT_PASSWORD, call.password.c_str());
  }
  set(CURLOPT_WRITEFUNCTION, Impl::OnBody);
  set(CURLOPT_WRITEDATA, &impl);
  set(CURLOPT_HEADERFUNCTION, Impl::OnHeader);
  set(CURLOPT_HEADERDATA, &impl);
  CurlList headers;
  const auto add = [&headers](const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers.get(), line.c_str());
    if (longer != nullptr) {
      static_cast<void>(headers.release());  // The list begins where it began, or here.
      headers.reset(longer);
    }
  };
  add("User-Agent: tocsin");
  add("Expect:");
  for (const auto& [name, value] : call.headers) add(std::string(name).append(": ").append(value));
  set(CURLOPT_HTTPHEADER, headers.get());

  const CURLcode done = curl_easy_perform(curl);
  set(CURLOPT_HTTPHEADER, nullptr);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  const bool cut = call.status_only && status >= 200 && impl.too_large;
  if (done != CURLE_OK && !cut) {
    std::string code = CodeOf(done);
    if (impl.refused) code = "private_address";
    if (impl.too_large) code = "too_large";
    return Error{ErrorCode::kUnavailable, code,
                 impl.why[0] != '\0' ? impl.why.data() : curl_easy_strerror(done)};
  }
  impl.answer.status = static_cast<int>(status);
  return std::move(impl.answer);
}

}  // namespace tocsin::daemon
