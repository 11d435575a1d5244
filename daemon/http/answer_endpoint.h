// GET and POST /r/{token}: the page of "was this you?". GET never acts: mail programs and scanners follow
// links. A POST turns the pressed answer into a `feedback` event, which goes the way of every event.
//
// One answer of a notice is one event, by its id: pressed twice, it counts once. "It was not me" may follow
// "it was me", since it only tightens; the other way round it stands, whichever notice it was about: nobody
// is thanked then, and the event is for whoever works the case. The page speaks the language of the notice.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/alerts_config.h"
#include "alerts/answer_page.h"
#include "alerts/answer_token.h"
#include "daemon/http/http_server.h"

namespace tocsin::daemon {

struct AnswerEndpointOptions {
  alerts::AlertsConfig alerts;                // Texts, support, default language, the present key.
  std::vector<alerts::AnswersConfig> before;  // Keys of links that are still on their way.
  // Keeps an event durably; the account decides where.
  std::function<Result<Done>(std::string_view account, const std::string& event)> keep;
  // Whether "it was not me" stands in the account's durable state. False as well when this process
  // does not hold the account: the page may say thank you then, and the engine refuses the answer all the
  // same.
  std::function<bool(const alerts::AnswerClaim& claim)> said_not_me;
  std::function<Timestamp()> wall_clock;
};

// Thread safe.
class AnswerEndpoint {
 public:
  explicit AnswerEndpoint(AnswerEndpointOptions options);
  [[nodiscard]] std::vector<HttpRoute> Routes();
  // Texts, support and default language from now on. The keys stay.
  void Use(const alerts::AlertsConfig& alerts);

 private:
  [[nodiscard]] HttpResponse Ask(const HttpRequest& request) const;
  [[nodiscard]] HttpResponse Take(const HttpRequest& request);
  // In the language that the reader chose on the page, else the notice's (`owners`), else the browser's.
  [[nodiscard]] HttpResponse Show(int status, alerts::AnswerPage page, const HttpRequest& request,
                                  std::string_view owners, schemas::FeedbackVerdict link = {}) const;
  [[nodiscard]] HttpResponse Refuse(const Error& why, const HttpRequest& request) const;
  [[nodiscard]] bool SaidNotMe(const alerts::AnswerClaim& claim, Timestamp now);
  [[nodiscard]] Result<alerts::AnswerClaim> Verify(const HttpRequest& request) const;

  [[nodiscard]] std::shared_ptr<const alerts::AlertsConfig> Alerts() const;

  const AnswerEndpointOptions options_;
  std::vector<alerts::AnswersConfig> keys_;
  mutable std::mutex alerts_mutex_;
  std::shared_ptr<const alerts::AlertsConfig> alerts_;
  std::mutex mutex_;
  std::map<std::string, Timestamp, std::less<>>
      not_me_;  // Notices and accounts of which it was said just now.
};

// The event that an answer becomes; `key` is the secret that signed the link.
[[nodiscard]] std::string FeedbackEvent(const alerts::AnswerClaim& claim, schemas::FeedbackVerdict verdict,
                                        Timestamp now, std::string_view key);

// The language that a browser asks for ("zh-CN,zh;q=0.9,en;q=0.8"): the first that we have.
[[nodiscard]] alerts::Locale AcceptedLocale(std::string_view accept_language, alerts::Locale fallback);

}  // namespace tocsin::daemon
