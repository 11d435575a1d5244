#include "daemon/http/admin_client.h"

#include <httplib.h>

#include <functional>

#include "daemon/http/no_answer.h"

namespace tocsin::daemon {
namespace {

constexpr std::chrono::seconds kConnectWait{15};
constexpr size_t kSaidMax = 2000;

Result<std::string> Ask(
    const AdminTarget& target,
    const std::function<httplib::Result(httplib::Client&, const httplib::Headers&)>& ask) {
  const std::string& url = target.url;
  if (!url.starts_with("http://") || url.find('/', 7) != std::string::npos)
    return Error{ErrorCode::kInvalid, url, "must be http://HOST:PORT"};
  httplib::Client client(url);
  if (!client.is_valid()) return Error{ErrorCode::kInvalid, url, "must be http://HOST:PORT"};
  client.set_connection_timeout(kConnectWait);
  client.set_read_timeout(target.patience);
  httplib::Headers headers;
  if (!target.token.empty()) headers.emplace("Authorization", "Bearer " + target.token);
  const httplib::Result answer = ask(client, headers);
  if (!answer) {
    const bool reached = answer.error() == httplib::Error::Read || answer.error() == httplib::Error::Write;
    return Error{ErrorCode::kUnavailable, url, NoAnswer(reached, target.setting, target.patience)};
  }
  if (answer->status >= 200 && answer->status < 300) return answer->body;
  ErrorCode code = answer->status < 429 ? ErrorCode::kInvalid : ErrorCode::kUnavailable;
  if (answer->status == 404) code = ErrorCode::kNotFound;
  return Error{
      code, url,
      "answers with HTTP " + std::to_string(answer->status) + " " + answer->body.substr(0, kSaidMax)};
}

}  // namespace

Result<std::string> AdminGet(const AdminTarget& target, const std::string& path) {
  return Ask(target, [&path](httplib::Client& client, const httplib::Headers& headers) {
    return client.Get(path.c_str(), headers);
  });
}

Result<std::string> AdminPost(const AdminTarget& target, const std::string& path, std::string_view body) {
  return Ask(target, [&](httplib::Client& client, const httplib::Headers& headers) {
    return client.Post(path.c_str(), headers, body.data(), body.size(), "application/json");
  });
}

std::string UrlEncoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

}  // namespace tocsin::daemon
