#include "daemon/http/access_token.h"

#include <curl/curl.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>

#include "base/free_by.h"
#include "base/url_target.h"

namespace tocsin::daemon {
namespace {

constexpr size_t kTokenBytesMax = 64U << 10U;
constexpr size_t kAnswerBytesMax = 256U << 10U;
constexpr long kRequestSeconds = 10;
constexpr std::chrono::minutes kUnknownLifetime{1};

using Curl = std::unique_ptr<CURL, FreeBy<curl_easy_cleanup>>;
using CurlText = std::unique_ptr<char, FreeBy<curl_free>>;

int Base64Digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-' || c == '+') return 62;
  return c == '_' || c == '/' ? 63 : -1;
}

// What cannot be read is left out: the JSON parser refuses the rest.
std::string FromBase64Url(std::string_view text) {
  std::string bytes;
  uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const int digit = Base64Digit(c);
    if (digit < 0) break;
    held = held << 6U | static_cast<uint32_t>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<char>(held >> static_cast<uint32_t>(bits) & 0xffU));
  }
  return bytes;
}

size_t Collect(char* data, size_t size, size_t count, void* answer) {
  auto& text = *static_cast<std::string*>(answer);
  if (text.size() + size * count > kAnswerBytesMax) return 0;
  text.append(data, size * count);
  return size * count;
}

bool IsLoopbackUrl(std::string_view url) {
  const std::optional<UrlTarget> target = ParseUrlTarget(url);
  return target && target->scheme == "http" && IsLoopbackHost(target->host);
}

std::string FormField(CURL* curl, std::string_view name, const std::string& value) {
  const CurlText escaped(curl_easy_escape(curl, value.data(), static_cast<int>(value.size())));
  return std::string("&") + std::string(name) + "=" + (escaped == nullptr ? "" : escaped.get());
}

Result<AccessToken> ParseAnswer(const std::string& answer, const std::string& url, Timestamp now) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view value;
  if (parser.parse(answer).get(root) != simdjson::SUCCESS ||
      root["access_token"].get_string().get(value) != simdjson::SUCCESS) {
    return Error{ErrorCode::kUnavailable, url, "the answer holds no access_token"};
  }
  Result<AccessToken> token = ParseToken(value, url, now);
  double seconds = 0;
  // The endpoint's word counts: an opaque token says nothing.
  if (token && root["expires_in"].get_double().get(seconds) == simdjson::SUCCESS && seconds >= 1 &&
      seconds < 1e9) {
    token->expires_at = now + std::chrono::seconds(static_cast<int64_t>(seconds));
  }
  return token;
}

}  // namespace

Result<AccessToken> ParseToken(std::string_view text, const std::string& place, Timestamp now) {
  const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  if (text.empty()) return Error{ErrorCode::kInvalid, place, "holds no token"};
  if (text.size() > kTokenBytesMax || std::any_of(text.begin(), text.end(), [](char c) { return c <= ' '; }))
    return Error{ErrorCode::kInvalid, place, "is not a token: one word of at most 64 KiB is expected"};

  AccessToken token{.value = std::string(text), .principal = "tocsin", .expires_at = now + kUnknownLifetime};
  const size_t first = text.find('.');
  const size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return token;
  simdjson::dom::parser parser;
  simdjson::dom::element claims;
  if (parser.parse(FromBase64Url(text.substr(first + 1, second - first - 1))).get(claims) !=
      simdjson::SUCCESS) {
    return token;
  }
  if (std::string_view subject;
      claims["sub"].get_string().get(subject) == simdjson::SUCCESS && !subject.empty())
    token.principal = subject;
  double seconds = 0;
  if (claims["exp"].get_double().get(seconds) == simdjson::SUCCESS && seconds > 0 && seconds < 1e11) {
    token.expires_at = FromMillis(static_cast<int64_t>(seconds * 1000));
    if (token.expires_at <= now) return Error{ErrorCode::kInvalid, place, "its token has expired"};
  }
  return token;
}

Result<AccessToken> ReadTokenFile(const std::string& path, Timestamp now) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::kNotFound, path, "cannot be read"};
  std::string text;
  std::array<char, 4096> part{};
  while (text.size() <= kTokenBytesMax && (file.read(part.data(), part.size()) || file.gcount() > 0)) {
    text.append(part.data(), static_cast<size_t>(file.gcount()));
  }
  return ParseToken(text, path, now);
}

Result<AccessToken> RequestToken(const TokenEndpoint& endpoint, Timestamp now) {
  const auto unavailable = [&endpoint](std::string why) {
    return Error{ErrorCode::kUnavailable, endpoint.url, std::move(why)};
  };
  if (!endpoint.url.starts_with("https://") && !IsLoopbackUrl(endpoint.url)) {
    return Error{ErrorCode::kInvalid, endpoint.url, "must be https: a secret and a token go over this line"};
  }
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const Curl curl(curl_easy_init());
  if (curl == nullptr) return unavailable("the HTTP client cannot start");
  std::string form = "grant_type=client_credentials" +
                     FormField(curl.get(), "client_id", endpoint.client_id) +
                     FormField(curl.get(), "client_secret", endpoint.client_secret);
  if (!endpoint.scope.empty()) form += FormField(curl.get(), "scope", endpoint.scope);

  std::string answer;
  std::array<char, CURL_ERROR_SIZE> why{};
  const auto set = [&curl](CURLoption option, auto value) { curl_easy_setopt(curl.get(), option, value); };
  set(CURLOPT_URL, endpoint.url.c_str());
  set(CURLOPT_POSTFIELDSIZE, static_cast<long>(form.size()));
  set(CURLOPT_POSTFIELDS, form.c_str());
  set(CURLOPT_WRITEFUNCTION, Collect);
  set(CURLOPT_WRITEDATA, &answer);
  set(CURLOPT_ERRORBUFFER, why.data());
  set(CURLOPT_TIMEOUT, kRequestSeconds);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FOLLOWLOCATION, 0L);  // The secret goes to the endpoint that is configured, and nowhere else.
  if (!endpoint.ca_file.empty()) set(CURLOPT_CAINFO, endpoint.ca_file.c_str());
  const CURLcode done = curl_easy_perform(curl.get());
  if (done != CURLE_OK) return unavailable(why[0] != '\0' ? why.data() : curl_easy_strerror(done));

  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 400 || status == 401 || status == 403) {
    return Error{ErrorCode::kInvalid, endpoint.url,
                 "refuses the client (HTTP " + std::to_string(status) + "): are id, secret and scope right?"};
  }
  if (status != 200) return unavailable("answers with HTTP " + std::to_string(status));
  return ParseAnswer(answer, endpoint.url, now);
}

}  // namespace tocsin::daemon
