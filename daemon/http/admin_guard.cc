#include "daemon/http/admin_guard.h"

#include <algorithm>

#include "base/check.h"
#include "base/json_writer.h"
#include "base/percent_encoded.h"
#include "daemon/http/bearer_token.h"

namespace tocsin::daemon {
namespace {

constexpr double kRequestsPerSecond = 50;
constexpr double kRequestsAtOnce = 100;
constexpr double kWrongPerSecond = 0.2;
constexpr double kWrongAtOnce = 5;
constexpr size_t kUnguessable = 32;  // Bytes: as the guide makes them, twice that.
constexpr size_t kAddressesMax = 1'000;
constexpr size_t kSubjectMax = 128;
constexpr std::chrono::minutes kRefusalsApart{1};

HttpResponse Wait(const char* seconds, std::string_view text) {
  HttpResponse response = ProblemAnswer(429, text);
  response.headers.emplace_back("Retry-After", seconds);
  return response;
}

}  // namespace

HttpResponse JsonAnswer(int status, std::string body) {
  return {.status = status,
          .content_type = "application/json",
          .body = std::move(body),
          .headers = {{"Cache-Control", "no-store"}}};
}

HttpResponse ProblemAnswer(int status, std::string_view text) {
  std::string body;
  JsonWriter(body).BeginObject().Member("error", text).EndObject();
  return JsonAnswer(status, std::move(body));
}

AdminGuard::AdminGuard(AdminTokens tokens, AuditLog& audit, SteadyClock clock)
    : tokens_(std::move(tokens)), audit_(audit), clock_(std::move(clock)) {
  CHECK(!tokens_.change.empty());
  looking_ = changing_ = {kRequestsAtOnce, clock_()};
}

bool AdminGuard::Take(Bucket& bucket, double per_second, double most) {
  const auto now = clock_();
  bucket.held =
      std::min(most, bucket.held + std::chrono::duration<double>(now - bucket.at).count() * per_second);
  bucket.at = now;
  if (bucket.held < 1) return false;
  bucket.held -= 1;
  return true;
}

HttpResponse AdminGuard::Refusal(const HttpRequest& request, Right right, std::string& credential) {
  HttpResponse refusal{.status = 0, .body = {}, .headers = {}};
  const std::lock_guard lock(mutex_);
  const auto known = wrong_.find(request.remote);
  const bool guesses =
      known != wrong_.end() &&
      known->second.held +
              std::chrono::duration<double>(clock_() - known->second.at).count() * kWrongPerSecond <
          1;
  const std::string_view token = BearerToken(request);
  const bool may_change = EqualInConstantTime(token, tokens_.change);
  const bool may_look = !tokens_.look.empty() && EqualInConstantTime(token, tokens_.look);
  // Who has guessed too often is not even listened to: a right guess would look like the wrong ones. But
  // nobody guesses a long token, and somebody else at the same address, as all are on a machine's loopback,
  // must not keep out who has it.
  if (guesses && !((may_change || may_look) && token.size() >= kUnguessable))
    return Wait("10", "too many wrong tokens from this address");
  if (!may_change && !may_look) {
    if (wrong_.size() >= kAddressesMax) wrong_.clear();
    auto& bucket =
        wrong_.try_emplace(std::string(request.remote), Bucket{kWrongAtOnce, clock_()}).first->second;
    if (!token.empty()) static_cast<void>(Take(bucket, kWrongPerSecond, kWrongAtOnce));
    refusal = ProblemAnswer(401, token.empty() ? "give the token as: Authorization: Bearer TOKEN"
                                               : "this token is not known: give that of http.admin_token or "
                                                 "http.admin_read_token");
    refusal.headers.emplace_back("WWW-Authenticate", "Bearer");
    return refusal;
  }
  credential = may_change ? "admin_token" : "admin_read_token";
  if (!Take(may_change ? changing_ : looking_, kRequestsPerSecond, kRequestsAtOnce))
    return Wait("1", "too many requests");
  if (right == Right::kChange && !may_change)
    return ProblemAnswer(403, "this token may look and not change: use that of http.admin_token");
  return refusal;
}

// Once a minute, with how many there were since: who may only look must not fill the log.
void AdminGuard::WriteRefusal(AuditEntry entry) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_();
  if (refused_at_ && now - *refused_at_ < kRefusalsApart) {
    ++refused_since_;
    return;
  }
  entry.outcome = "refused: may only look";
  if (refused_since_ > 0)
    entry.outcome +=
        ", and so were " + std::to_string(refused_since_) + " between this line and the one before";
  if (!audit_.Write(entry)) {
    ++refused_since_;
    return;
  }
  refused_at_ = now;
  refused_since_ = 0;
}

HttpRoute AdminGuard::Looking(std::string path, Look look) {
  known_.push_back({"GET", path, {}});
  return Guarded(std::move(path), std::move(look));
}

HttpRoute AdminGuard::Guarded(std::string path, Look look) {
  return {"GET", std::move(path), [this, look = std::move(look)](const HttpRequest& request) {
            std::string credential;
            HttpResponse refusal = Refusal(request, Right::kLook, credential);
            return refusal.status != 0 ? refusal : look(request);
          }};
}

HttpRoute AdminGuard::Changing(std::string path, std::string action, Subject subject, Look change) {
  known_.push_back({"POST", path, {}});
  return {"POST", std::move(path),
          [this, action = std::move(action), subject = std::move(subject),
           change = std::move(change)](const HttpRequest& request) {
            AuditEntry entry{.action = action, .from = std::string(request.remote)};
            HttpResponse refusal = Refusal(request, Right::kChange, entry.credential);
            if (refusal.status != 0) {
              if (refusal.status != 403) return refusal;
              entry.subject = subject(request).substr(0, kSubjectMax);
              WriteRefusal(std::move(entry));
              return refusal;
            }
            // Intent first: what could not be written down is not done.
            entry.outcome = "asked";
            entry.subject = subject(request).substr(0, kSubjectMax);
            if (Result<Done> written = audit_.Write(entry); !written)
              return ProblemAnswer(503, written.error().ToString() + ", and nothing is changed without it");
            HttpResponse response = change(request);
            entry.outcome = response.status < 300 ? "done" : "HTTP " + std::to_string(response.status);
            static_cast<void>(audit_.Write(entry));
            return response;
          }};
}

std::vector<HttpRoute> AdminGuard::NothingElse() {
  const auto none = [this](const HttpRequest& request) {
    const std::string takes = MethodsAt(request.path, known_);
    if (takes.empty()) {
      return ProblemAnswer(404,
                           "there is no such thing below /admin/v1; docs/admin-api.md lists what there is");
    }
    HttpResponse response = ProblemAnswer(405, "this path takes " + takes);
    response.headers.emplace_back("Allow", takes);
    return response;
  };
  HttpRoute get = Guarded("/admin/v1/*", none);
  HttpRoute post = get;
  post.method = "POST";
  return {std::move(get), std::move(post)};
}

std::string QueryValue(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view part = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (!part.starts_with(name) || part.size() <= name.size() || part[name.size()] != '=') continue;
    const std::string_view encoded = part.substr(name.size() + 1);
    std::string value(encoded);
    std::ranges::replace(value, '+', ' ');
    return PercentDecoded(value);
  }
  return {};
}

bool ReadFlatObject(std::string_view body, std::map<std::string, std::string, std::less<>>& members) {
  size_t at = 0;
  const auto blank = [&] {
    while (at < body.size() && (body[at] == ' ' || body[at] == '\t' || body[at] == '\n' || body[at] == '\r'))
      ++at;
  };
  const auto take = [&](char wanted) {
    blank();
    if (at >= body.size() || body[at] != wanted) return false;
    ++at;
    return true;
  };
  const auto text = [&](std::string& into) {
    if (!take('"')) return false;
    const size_t end = body.find_first_of("\"\\", at);
    if (end == std::string_view::npos || body[end] != '"') return false;
    into = body.substr(at, end - at);
    at = end + 1;
    return true;
  };
  blank();
  if (at == body.size()) return true;
  if (!take('{')) return false;
  for (bool first = true; !take('}'); first = false) {
    std::string name;
    std::string value;
    if ((!first && !take(',')) || !text(name) || !take(':') || !text(value)) return false;
    if (!members.emplace(std::move(name), std::move(value)).second) return false;
  }
  blank();
  return at == body.size();
}

}  // namespace tocsin::daemon
