#include "daemon/http/answer_endpoint.h"

#include <algorithm>

#include "base/json_writer.h"

namespace tocsin::daemon {
namespace {

using alerts::AnswerPage;
using alerts::Locale;
using schemas::FeedbackVerdict;

constexpr std::string_view kPrefix = "/r/";
constexpr size_t kRememberedMax = 100'000;
constexpr size_t kAnswerBytesMax = 1024;  // Of thirteen that are needed: strangers send to this path.
constexpr std::string_view kAccount = "account/";  // Before the name of one among notices.
// By then the account's state has what was said, or a person who looked at it.
constexpr std::chrono::minutes kUntilKnown{10};

}  // namespace

std::string FeedbackEvent(const alerts::AnswerClaim& claim, FeedbackVerdict verdict, Timestamp now,
                          std::string_view key) {
  const std::string_view said = verdict == FeedbackVerdict::kNotMe ? "not_me" : "me";
  std::string event;
  JsonWriter json(event);
  json.BeginObject().Member("type", "feedback").Member("source", "tocsin-answers");
  json.Member("event_id", alerts::AnswerId(claim, said, key));
  json.Member("account_id", claim.account_id.view()).Member("occurred_at", now);
  json.Member("verdict", said).Member("by", "owner").Member("notice_id", claim.notice_id).EndObject();
  return event;
}

Locale AcceptedLocale(std::string_view accept_language, Locale fallback) {
  while (!accept_language.empty()) {
    const size_t comma = accept_language.find(',');
    std::string_view tag = accept_language.substr(0, comma);
    tag = tag.substr(0, tag.find(';'));
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    while (tag.ends_with(' ')) tag.remove_suffix(1);
    // Known, when either fallback gives the same.
    const Locale nearest = alerts::NearestLocale(tag, Locale::kEn);
    if (nearest == alerts::NearestLocale(tag, Locale::kZhCn)) return nearest;
    accept_language = comma == std::string_view::npos ? "" : accept_language.substr(comma + 1);
  }
  return fallback;
}

AnswerEndpoint::AnswerEndpoint(AnswerEndpointOptions options)
    : options_(std::move(options)), alerts_(std::make_shared<const alerts::AlertsConfig>(options_.alerts)) {
  keys_.push_back(options_.alerts.answers);
  keys_.insert(keys_.end(), options_.before.begin(), options_.before.end());
}

void AnswerEndpoint::Use(const alerts::AlertsConfig& alerts) {
  const std::lock_guard lock(alerts_mutex_);
  alerts_ = std::make_shared<const alerts::AlertsConfig>(alerts);
}

std::shared_ptr<const alerts::AlertsConfig> AnswerEndpoint::Alerts() const {
  const std::lock_guard lock(alerts_mutex_);
  return alerts_;
}

std::vector<HttpRoute> AnswerEndpoint::Routes() {
  return {{"GET", "/r/*", [this](const HttpRequest& request) { return Ask(request); }},
          {.method = "POST",
           .path = "/r/*",
           .handle = [this](const HttpRequest& request) { return Take(request); },
           .body_bytes_max = kAnswerBytesMax}};
}

Result<alerts::AnswerClaim> AnswerEndpoint::Verify(const HttpRequest& request) const {
  return alerts::VerifyAnswerToken(request.path.substr(kPrefix.size()), keys_, options_.wall_clock());
}

HttpResponse AnswerEndpoint::Show(int status, AnswerPage page, const HttpRequest& request,
                                  std::string_view owners, FeedbackVerdict link) const {
  const auto config = Alerts();
  const Locale fallback = alerts::NearestLocale(config->notices.default_locale, Locale::kEn);
  Locale locale = alerts::NearestLocale(owners, AcceptedLocale(request.Header("accept-language"), fallback));
  if (request.query == "lang=en") locale = Locale::kEn;
  if (request.query == "lang=zh-CN") locale = Locale::kZhCn;
  HttpResponse response{
      .status = status, .content_type = "text/html; charset=utf-8", .body = {}, .headers = {}};
  response.body = alerts::RenderAnswerPage(page, locale, *config, link);
  // The address is a secret for as long as it works: it is kept nowhere and told to nobody.
  response.headers = {{"Cache-Control", "no-store"},
                      {"Referrer-Policy", "no-referrer"},
                      {"X-Content-Type-Options", "nosniff"},
                      {"X-Robots-Tag", "noindex, nofollow"},
                      {"Content-Language", std::string(alerts::Name(locale))},
                      {"Vary", "Accept-Language"},
                      {"Content-Security-Policy",
                       "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors "
                       "'none'; base-uri 'none'"}};
  return response;
}

HttpResponse AnswerEndpoint::Refuse(const Error& why, const HttpRequest& request) const {
  if (why.code != ErrorCode::kNotFound) return Show(404, AnswerPage::kUnknown, request, {});
  return Show(410, AnswerPage::kExpired, request,
              alerts::LocaleOfAnswerToken(request.path.substr(kPrefix.size()), keys_));
}

HttpResponse AnswerEndpoint::Ask(const HttpRequest& request) const {
  const Result<alerts::AnswerClaim> claim = Verify(request);
  if (!claim) return Refuse(claim.error(), request);
  return Show(200, AnswerPage::kAsk, request, claim->locale, claim->verdict);
}

HttpResponse AnswerEndpoint::Take(const HttpRequest& request) {
  const Result<alerts::AnswerClaim> claim = Verify(request);
  if (!claim) return Refuse(claim.error(), request);
  FeedbackVerdict verdict = FeedbackVerdict::kNone;
  if (request.body == "answer=me") verdict = FeedbackVerdict::kMe;
  if (request.body == "answer=not_me") verdict = FeedbackVerdict::kNotMe;
  const auto show = [&](int status, AnswerPage page) {
    return Show(status, page, request, claim->locale, claim->verdict);
  };
  if (verdict == FeedbackVerdict::kNone) return show(400, AnswerPage::kAsk);
  const bool me = verdict == FeedbackVerdict::kMe;
  const Timestamp now = options_.wall_clock();
  const bool stands = me && SaidNotMe(*claim, now);
  const std::string event = FeedbackEvent(*claim, verdict, now, keys_[claim->signed_by].key);
  if (Result<Done> kept = options_.keep(claim->account_id.view(), event); !kept)
    return show(503, AnswerPage::kLater);
  if (me) return stands ? show(409, AnswerPage::kAnswered) : show(200, AnswerPage::kThanksMe);
  const std::lock_guard lock(mutex_);
  for (std::string said : {claim->notice_id, std::string(kAccount).append(claim->account_id.view())}) {
    if (not_me_.size() >= kRememberedMax)
      not_me_.erase(std::ranges::min_element(not_me_, {}, [](const auto& entry) { return entry.second; }));
    not_me_[std::move(said)] = now;
  }
  return show(200, AnswerPage::kThanksNotMe);
}

// What was said a moment ago may not be in the state yet.
bool AnswerEndpoint::SaidNotMe(const alerts::AnswerClaim& claim, Timestamp now) {
  {
    const std::lock_guard lock(mutex_);
    if (not_me_.contains(claim.notice_id)) return true;
    const auto account = not_me_.find(std::string(kAccount).append(claim.account_id.view()));
    if (account != not_me_.end() && now - account->second < kUntilKnown) return true;
  }
  return options_.said_not_me && options_.said_not_me(claim);
}

}  // namespace tocsin::daemon
