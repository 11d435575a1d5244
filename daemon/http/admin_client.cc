#include "daemon/http/admin_client.h"

#include <httplib.h>

#include <functional>

#include "daemon/http/no_answer.h"
#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

constexpr std::chrono::seconds kConnectWait{15};
constexpr size_t kSaidMax = 2000;

Result<AdminAnswer> AskAny(
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
  return AdminAnswer{answer->status, answer->body};
}

Result<std::string> Taken(const AdminTarget& target, Result<AdminAnswer> answer) {
  if (!answer) return answer.error();
  if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
  return AdminRefusal(target, *answer);
}

httplib::Result Post(httplib::Client& client, const httplib::Headers& headers, const std::string& path,
                     std::string_view body) {
  return client.Post(path.c_str(), headers, body.data(), body.size(), "application/json");
}

}  // namespace

Error AdminRefusal(const AdminTarget& target, const AdminAnswer& answer) {
  ErrorCode code = answer.status < 429 ? ErrorCode::kInvalid : ErrorCode::kUnavailable;
  if (answer.status == 404) code = ErrorCode::kNotFound;
  const auto members = schemas::PlainMembers(answer.body);
  const auto error = members.find("error");
  const std::string& said = error == members.end() ? answer.body : error->second;
  return {code, target.url,
          "answers with HTTP " + std::to_string(answer.status) + ": " + said.substr(0, kSaidMax)};
}

Result<std::string> AdminGet(const AdminTarget& target, const std::string& path) {
  return Taken(target, AskAny(target, [&path](httplib::Client& client, const httplib::Headers& headers) {
                 return client.Get(path.c_str(), headers);
               }));
}

Result<std::string> AdminPost(const AdminTarget& target, const std::string& path, std::string_view body) {
  return Taken(target, AdminPostAny(target, path, body));
}

Result<AdminAnswer> AdminPostAny(const AdminTarget& target, const std::string& path, std::string_view body) {
  return AskAny(target, [&](httplib::Client& client, const httplib::Headers& headers) {
    return Post(client, headers, path, body);
  });
}

}  // namespace tocsin::daemon
